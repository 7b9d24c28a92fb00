/**
 * What an owner does to its map: it keeps what it was given; a value that is there already takes no version, a lapsed
 * lease leaves a tombstone, and tombstones are forgotten in steps: none younger than the grace, and no faster than a full
 * copy can travel.
 */

import { deepEqual, type ResolvedEngineOptions } from '../../core/index.ts'
import type { Arrival, Copy, HeldEntry, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** One life of one process. */
interface OwnLife {
  generation: number
  gcVersion: number
  maxVersionSeen: number
  /** When its tombstones were last forgotten, in the process's time. */
  collectedAt: number
  /** The last write of each key. */
  readonly latest: Map<string, HeldEntry>
  /** When tombstones were written, by version, in the process's time. */
  readonly deletedAt: Map<number, number>
}

/** Rounding of times. */
const EPSILON_MS = 1e-3

/** Looks at own maps after each input. */
export class OwnWritesChecker implements Checker {
  readonly name = 'own writes'
  readonly kind = 'safety'
  readonly #world: World
  readonly #options: ResolvedEngineOptions
  readonly #report: Report
  readonly #lives = new WeakMap<Process, OwnLife>()

  constructor(world: World, options: ResolvedEngineOptions, report: Report) {
    this.#world = world
    this.#options = options
    this.#report = report
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const own = machine.running.own()
    if (own.held(0) === undefined) return
    const life = this.#life(machine, own)
    if (own.maxVersionSeen > life.maxVersionSeen) this.#noteWrites(machine, own, life)
    if (own.gcVersion > life.gcVersion) this.#checkCollection(machine, own, life)
    if (own.maxVersionSeen < life.maxVersionSeen || own.gcVersion < life.gcVersion) {
      this.#report(machine.name, `went back to ${own.gcVersion}/${own.maxVersionSeen} within a life`)
    }
    // Only what arrives is preceded by a look at what has lapsed; a timer may be held up by a stall.
    if (arrival !== undefined) this.#checkLapsed(machine, own, life)
  }

  #noteWrites(machine: Machine, own: Copy, life: OwnLife): void {
    const now = machine.localNow(this.#world.now)
    const stored = machine.disk.entries()
    for (const entry of own.held(life.maxVersionSeen) ?? []) {
      const wanted = stored.get(entry.key)
      if (wanted !== undefined && !entry.isTombstone && !deepEqual(wanted, entry.value)) {
        const [is, was] = [entry.value, wanted].map((value) => JSON.stringify(value))
        this.#report(machine.name, `keeps ${entry.key} as ${is}, and was given ${was}`)
      }
      const before = life.latest.get(entry.key)
      const isSame = before?.isTombstone === entry.isTombstone && deepEqual(before.value, entry.value)
      if (isSame && !entry.isTombstone && !isLeased(own, entry.key) && !this.#wasLeased(before)) {
        this.#report(machine.name, `wrote ${entry.key} = ${JSON.stringify(entry.value)} again`)
      }
      life.latest.set(entry.key, entry)
      if (entry.isTombstone) life.deletedAt.set(entry.version, now)
      else if (isLeased(own, entry.key)) this.#leased.add(entry)
    }
    life.maxVersionSeen = own.maxVersionSeen
  }

  readonly #leased = new WeakSet<HeldEntry>()

  /** The end of a lease is news even where the value stays. */
  #wasLeased(entry: HeldEntry): boolean {
    return this.#leased.has(entry)
  }

  #checkCollection(machine: Machine, own: Copy, life: OwnLife): void {
    const now = machine.localNow(this.#world.now)
    const { tombstoneGraceMs, gossipIntervalMs, deltasMax } = this.#options
    for (const [version, at] of life.deletedAt) {
      if (version > own.gcVersion) continue
      life.deletedAt.delete(version)
      if (now - at >= tombstoneGraceMs - EPSILON_MS) continue
      this.#report(machine.name, `forgot a tombstone of ${now - at} ms, the grace is ${tombstoneGraceMs} ms`)
    }
    const snapshotMs = Math.floor(life.latest.size / deltasMax) * gossipIntervalMs
    const restMs = Math.max(tombstoneGraceMs / 2, snapshotMs)
    if (now - life.collectedAt < restMs - EPSILON_MS) {
      this.#report(machine.name, `forgot tombstones twice within ${now - life.collectedAt} ms, not ${restMs} ms`)
    }
    for (const [key, { isTombstone, version }] of life.latest) {
      if (isTombstone && version <= own.gcVersion) life.latest.delete(key)
    }
    life.collectedAt = now
    life.gcVersion = own.gcVersion
  }

  #checkLapsed(machine: Machine, own: Copy, life: OwnLife): void {
    const now = machine.localNow(this.#world.now)
    for (const [key, entry] of life.latest) {
      if (!this.#leased.has(entry) || own.read(key, now) !== undefined) continue
      this.#report(machine.name, `the lease of ${key} has lapsed, and no tombstone was written`)
    }
  }

  #life(machine: Machine, own: Copy): OwnLife {
    const present = this.#lives.get(machine.running)
    if (present?.generation === own.generation) return present
    // A life begins with the keys of the one before, none of them a tombstone.
    const life: OwnLife = {
      generation: own.generation,
      gcVersion: own.gcVersion,
      maxVersionSeen: 0,
      collectedAt: present === undefined ? Number.NEGATIVE_INFINITY : machine.localNow(this.#world.now),
      latest: new Map(),
      deletedAt: new Map(),
    }
    this.#lives.set(machine.running, life)
    return life
  }
}

/** A lease lapses some time; without one a key stays. */
function isLeased(own: Copy, key: string): boolean {
  return own.read(key, Number.NEGATIVE_INFINITY) !== undefined && own.read(key, Number.POSITIVE_INFINITY) === undefined
}
