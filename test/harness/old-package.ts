/**
 * The first generation's package, `gossipmonger` 0.1.10 as it is published, loaded into a world of the test's making: its
 * clock, its timers and its chance are arguments, so that thousands of its rounds run in no time and always the same way.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import type { JsonValue } from '../../src/core/index.ts'

/** A peer as the package keeps it. */
export interface OldPackagePeer {
  readonly id: string
  readonly data: Record<string, [value: JsonValue, version: number]>
  readonly maxVersionSeen: number
  readonly live: boolean
  /** When it last spoke to this node itself; undefined for one that was only heard of. */
  readonly lastTime?: number
  readonly transport: JsonValue | undefined
}

/** A node of the package. */
export interface OldPackageNode {
  readonly localPeer: OldPackagePeer
  readonly storage: {
    get(id: string): OldPackagePeer | undefined
    livePeers(): OldPackagePeer[]
    deadPeers(): OldPackagePeer[]
  }
  readonly transport: unknown
  gossip(): void
  update(key: string, value: JsonValue): void
  on(event: string, listener: (...facts: never[]) => void): unknown
}

/** Makes nodes of the package. */
export type OldPackageClass = new (
  peerInfo: { id: string; transport: JsonValue },
  options: {
    transport: unknown
    seeds: readonly { id?: string; transport: JsonValue }[]
    GOSSIP_INTERVAL?: number
    MAX_DELTAS_PER_GOSSIP?: number
  },
) => OldPackageNode

/** What the package is given in place of the runtime's own. */
export interface OldPackageWorld {
  /** Ms since the Unix epoch. */
  readonly now: () => number
  readonly random: () => number
  /** Returns what `clearTimeout` takes. */
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}

const fromHere = createRequire(import.meta.url)
const PARAMETERS = ['exports', 'require', 'module', 'Date', 'Math', 'setTimeout', 'clearTimeout']

/** Loads the package, and what it requires of its family, into a world. */
export function loadOldPackage(world: OldPackageWorld): OldPackageClass {
  const loaded = new Map<string, { exports: unknown }>()
  class WorldDate {
    getTime(): number {
      return world.now()
    }
  }
  const worldMath: unknown = Object.create(Math, { random: { value: world.random } })
  const load = (path: string): unknown => {
    const present = loaded.get(path)
    if (present !== undefined) return present.exports
    const module = { exports: {} as unknown }
    loaded.set(path, module)
    const requireThere = createRequire(path)
    const require = (name: string): unknown => {
      const target = requireThere.resolve(name)
      return target.includes('gossipmonger') ? load(target) : requireThere(name)
    }
    const run = compileFunction(readFileSync(path, 'utf8'), PARAMETERS, { filename: path })
    run(module.exports, require, module, WorldDate, worldMath, world.setTimeout, world.clearTimeout)
    return module.exports
  }
  return load(fromHere.resolve('gossipmonger')) as OldPackageClass
}
