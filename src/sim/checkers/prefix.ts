/**
 * No phantom, no hole, no disagreement: what a copy holds was written by its owner under that version; every key whose
 * last write is at or below `maxVersionSeen` is exact; and where it stands as its owner does, at the same (generation,
 * gcVersion, maxVersionSeen), the fingerprints are equal. A life that is known of, by whatever message, was once begun.
 */

import { deepEqual } from '../../core/index.ts'
import type { Arrival, Copy, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { type Ledger, type Life, standing } from './ledger.ts'
import { namedBy, touchedBy } from './touched.ts'

/** Looks at a copy after each deltas message that speaks of it: O(keys of that peer); at lives after each digest. */
export class PrefixChecker implements Checker {
  readonly name = 'prefix'
  readonly kind = 'safety'
  readonly #world: World
  readonly #ledger: Ledger
  readonly #report: Report
  /** The generation of each peer that was looked at last, so that a life is looked up once. */
  readonly #lives = new WeakMap<Process, Map<string, number>>()

  constructor(world: World, ledger: Ledger, report: Report) {
    this.#world = world
    this.#ledger = ledger
    this.#report = report
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    for (const id of arrival === undefined ? [] : namedBy(arrival)) this.#checkLife(machine, id)
    for (const id of touchedBy(arrival)) if (id !== machine.id) this.#check(machine, id)
  }

  sweep(): void {
    for (const machine of this.#world.machines.values()) {
      if (machine.process === undefined) continue
      for (const { id } of machine.process.peers()) this.#check(machine, id)
    }
  }

  /** A digest, too, can make a process believe in a life: one that never was would hide all later ones. */
  #checkLife(machine: Machine, id: string): void {
    const process = machine.running
    if (this.#ledger.isOpaque(id) || process.kind !== 'engine') return
    const peer = process.peer(id)
    const seen = this.#lives.get(process) ?? new Map<string, number>()
    this.#lives.set(process, seen)
    if (peer === undefined || seen.get(id) === peer.generation) return
    seen.set(id, peer.generation)
    if (this.#ledger.lives(id, peer.generation).length > 0) return
    this.#report(machine.name, `knows ${id} of generation ${peer.generation}, which never was`)
  }

  #check(machine: Machine, id: string): void {
    const copy = machine.running.copy(id)
    if (copy === undefined) return
    if (this.#ledger.isOpaque(id)) {
      this.#checkValues(machine, id, copy)
      return
    }
    const held = copy.held(0)
    const lives = this.#ledger.lives(id, copy.generation)
    if (held === undefined || copy.maxVersionSeen === 0) return
    const problems = lives.map((life) => problemOf(copy, life))
    // While two processes share an id and a generation, a copy may follow either.
    if (lives.length === 0) this.#checkLife(machine, id)
    else if (problems.every((problem) => problem !== undefined)) {
      this.#report(machine.name, `of ${id} (generation ${copy.generation}, ${standing(copy)}): ${problems[0]}`)
    }
  }

  #checkValues(machine: Machine, id: string, copy: Copy): void {
    for (const { key, value } of copy.readable(machine.localNow(this.#world.now))) {
      // A deletion reaches the first generation as null.
      if (value === null || this.#ledger.everHad(id, key, value)) continue
      this.#report(machine.name, `reads ${id}.${key} = ${JSON.stringify(value)}, which ${id} never had`)
    }
  }
}

function problemOf(copy: Copy, life: Life): string | undefined {
  if (copy.maxVersionSeen > life.maxVersionSeen) {
    return `claims version ${copy.maxVersionSeen}, but the owner has written ${life.maxVersionSeen}`
  }
  return phantomOf(copy, life) ?? holeOf(copy, life) ?? disagreementOf(copy, life)
}

function phantomOf(copy: Copy, life: Life): string | undefined {
  for (const entry of copy.held(0) ?? []) {
    const { key, version } = entry
    const written = life.byVersion.get(version)
    const isSame = written?.key === key && written.isTombstone === entry.isTombstone
    if (!isSame || !deepEqual(written.value, entry.value)) {
      return `version ${version} of ${key} is ${shown(entry)}, but the owner wrote ${shown(written)}`
    }
  }
  return undefined
}

function holeOf(copy: Copy, life: Life): string | undefined {
  const held = new Map([...(copy.held(0) ?? [])].map((entry) => [entry.key, entry]))
  for (const [key, latest] of life.latest) {
    if (latest.version > copy.maxVersionSeen) continue
    const mine = held.get(key)
    const isForgotten = latest.isTombstone && latest.version <= copy.gcVersion
    if (mine === undefined ? !isForgotten : mine.version !== latest.version) {
      const there = mine === undefined ? 'is not there' : `is at version ${mine.version}`
      return `${key} was last written as version ${latest.version} and ${there}`
    }
  }
  return undefined
}

function disagreementOf(copy: Copy, life: Life): string | undefined {
  // Below the owner's own standing a copy may lack keys whose newer version lies above it.
  if (standing(copy) !== standing(life) || life.hash === copy.hash) return undefined
  return `the fingerprint is ${copy.hash}, the owner's is ${life.hash}`
}

function shown(
  entry: { readonly key: string; readonly value: unknown; readonly isTombstone: boolean } | undefined,
): string {
  if (entry === undefined) return 'nothing'
  return entry.isTombstone ? `a tombstone of ${entry.key}` : `${entry.key} = ${JSON.stringify(entry.value)}`
}
