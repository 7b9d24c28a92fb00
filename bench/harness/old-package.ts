/** The first-generation packages, for comparison in the same run. They ship no types; these are the parts used here. */

import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'

/** A peer of the old package. */
export interface OldPeer {
  readonly id: string
  maxVersionSeen: number
}

/** The old engine. */
export interface OldGossipmonger extends EventEmitter {
  readonly localPeer: OldPeer
  readonly storage: { put(id: string, peer: OldPeer): void; livePeers(): OldPeer[] }
  readonly transport: EventEmitter
  digest(livePeers: OldPeer[]): unknown
}

/** The old TCP transport. */
export interface OldTcpTransport extends EventEmitter {
  readonly server: { address(): { port: number } } | null
  listen(callback: () => void): void
  close(callback?: () => void): void
  digest(remote: unknown, local: unknown, digest: unknown): void
}

type Constructor<Arguments extends unknown[], Made> = new (...parameters: Arguments) => Made

const load = createRequire(import.meta.url)

/** The constructor of npm `gossipmonger`. */
export const OldGossipmongerClass: Constructor<[object, object], OldGossipmonger> = load('gossipmonger') as Constructor<
  [object, object],
  OldGossipmonger
>

/** The constructor of npm `gossipmonger-peer`. */
export const OldPeerClass: Constructor<[string, object], OldPeer> = load('gossipmonger-peer') as Constructor<
  [string, object],
  OldPeer
>

/** The constructor of npm `gossipmonger-tcp-transport`. */
export const OldTcpTransportClass: Constructor<[object], OldTcpTransport> = load(
  'gossipmonger-tcp-transport',
) as Constructor<[object], OldTcpTransport>
