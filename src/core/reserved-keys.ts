/**
 * Keys of a node that belong to a module of this library: replicated like all others, and unseen by `entries`, `watch`
 * and the events of keys, so that what a module says of itself is never taken for the embedder's. No storage keeps them:
 * a module says them anew in each life.
 */

import type { JsonValue } from './json/index.ts'
import { RESERVED_PREFIX } from './peer-view.ts'
import type { WatchChange } from './watch.ts'
import type { WatchOptions } from './watch-filter.ts'

/** The keys below `$gossip/AREA/`. Names are given and told without that prefix. */
export interface ReservedKeys {
  /** What every key of the area begins with. */
  readonly prefix: string
  /** A peer's value, this node's included; undefined when there is none. The value is frozen. */
  get(peerId: string, name: string): JsonValue | undefined
  /** Writes a key of this node; throws as `Gossipmonger.set` does. */
  set(name: string, value: JsonValue): boolean
  /** Deletes a key of this node; returns whether there was one. Throws as `Gossipmonger.delete` does. */
  delete(name: string): boolean
  /** Follows the keys of the area and the lives of peers. Keys are told with their prefix. */
  watch(options?: Pick<WatchOptions, 'peers' | 'signal'>): AsyncIterableIterator<WatchChange>
}

/** What the keys ask of their node, by full keys. */
export interface ReservedKeysPorts {
  read(peerId: string, key: string): JsonValue | undefined
  set(key: string, value: JsonValue): boolean
  delete(key: string): boolean
  watch(options: WatchOptions): AsyncIterableIterator<WatchChange>
  /** @throws {LifecycleError} the node is closing or closed */
  assertOpen(): void
}

/** The keys of one area. */
export function reservedKeysOf(area: string, ports: ReservedKeysPorts): ReservedKeys {
  const prefix = `${RESERVED_PREFIX}${area}/`
  return {
    prefix,
    get: (peerId, name) => ports.read(peerId, prefix + name),
    set: (name, value) => {
      ports.assertOpen()
      return ports.set(prefix + name, value)
    },
    delete: (name) => {
      ports.assertOpen()
      return ports.delete(prefix + name)
    },
    watch: (options = {}) => {
      ports.assertOpen()
      return ports.watch({ ...options, prefix })
    },
  }
}
