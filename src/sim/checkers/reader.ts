/**
 * A reset is invisible to readers: the last complete map stays as it is until the new one has reached everything its
 * senders knew of; then nothing shown lies below what was shown before, and exactly what changed is told.
 */

import { deepEqual, type EngineEvent, type JsonValue } from '../../core/index.ts'
import type { Arrival, Copy, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { groupsIn, itemsIn } from './messages.ts'
import { touchedBy } from './touched.ts'

/** What one process showed its readers of one peer, and told them. */
interface Shown {
  /** Keys and versions of the last complete map. */
  text: string
  /** Whether a reset was under way when it was last looked at. */
  isStale: boolean
  generation: number
  maxVersionSeen: number
  /** What follows from all events so far. */
  readonly told: Map<string, JsonValue>
}

/** Looks at copies that a message speaks of. O(keys) for deltas; for a digest only where a reset is under way. */
export class ReaderChecker implements Checker {
  readonly name = 'reader'
  readonly kind = 'safety'
  readonly #world: World
  readonly #report: Report
  readonly #shown = new WeakMap<Process, Map<string, Shown>>()

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (!('peerId' in event) || event.peerId === machine.id) continue
      if (event.type === 'update') this.#of(machine, event.peerId).told.set(event.key, event.value)
      else if (event.type === 'delete') this.#of(machine, event.peerId).told.delete(event.key)
      else if (event.type === 'peer removed') this.#shown.get(machine.running)?.delete(event.peerId)
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    if (arrival === undefined || machine.running.kind !== 'engine') return
    if (arrival.kind === 'deltas') for (const id of touchedBy(arrival)) this.#check(machine, id, arrival)
    else for (const { id, generation } of itemsIn(arrival.payload)) this.#checkDigest(machine, id, generation)
  }

  sweep(): void {
    for (const machine of this.#world.machines.values()) {
      if (machine.process?.kind !== 'engine') continue
      for (const { id } of machine.process.peers()) this.#checkTold(machine, id, machine.process.copy(id))
    }
  }

  /** A digest can do no more than begin a reset, by a higher generation. */
  #checkDigest(machine: Machine, id: string, generation: number | undefined): void {
    const shown = this.#shown.get(machine.running)?.get(id)
    if (shown === undefined || !(shown.isStale || (generation ?? 0) > shown.generation)) return
    const copy = machine.running.copy(id)
    if (copy?.isStale === true) this.#checkReset(machine, id, copy, shown)
  }

  #checkReset(machine: Machine, id: string, copy: Copy, { text }: Shown): void {
    const now = textOf(copy)
    if (now !== text) this.#report(machine.name, `in a reset of ${id} readers see ${now}, and saw ${text} before it`)
  }

  #check(machine: Machine, id: string, arrival: Arrival): void {
    const copy = machine.running.copy(id)
    if (copy === undefined) return
    this.#checkTold(machine, id, copy)
    const shown = this.#of(machine, id)
    shown.isStale = copy.isStale
    if (copy.isStale) {
      this.#checkReset(machine, id, copy, shown)
      return
    }
    const { generation, maxVersionSeen } = copy
    const isSameLife = generation === shown.generation
    if (generation < shown.generation || (isSameLife && maxVersionSeen < shown.maxVersionSeen)) {
      const was = `(${shown.generation}, ${shown.maxVersionSeen})`
      this.#report(machine.name, `shows ${id} as of (${generation}, ${maxVersionSeen}), and showed ${was}`)
    }
    for (const group of groupsIn(arrival.payload)) {
      if (isSameLife || group.id !== id || group.generation !== generation || group.top <= maxVersionSeen) continue
      this.#report(machine.name, `shows ${id} at ${maxVersionSeen}, which is known to go to ${group.top}`)
    }
    Object.assign(shown, { text: textOf(copy), generation, maxVersionSeen })
  }

  #checkTold(machine: Machine, id: string, copy: Copy | undefined): void {
    if (copy === undefined || this.#world.now < machine.stalledUntil) return
    const { told } = this.#of(machine, id)
    let count = 0
    for (const { key, value } of copy.readable(machine.localNow(this.#world.now))) {
      count++
      if (told.has(key) && deepEqual(told.get(key) as JsonValue, value)) continue
      this.#report(machine.name, `reads ${id}.${key} = ${JSON.stringify(value)}, and was not told so`)
    }
    if (count < told.size) this.#report(machine.name, `reads ${count} keys of ${id}, and was told of ${told.size}`)
  }

  #of(machine: Machine, id: string): Shown {
    const all = this.#shown.get(machine.running) ?? new Map<string, Shown>()
    this.#shown.set(machine.running, all)
    const present = all.get(id)
    if (present !== undefined) return present
    const shown: Shown = { text: '', isStale: true, generation: 0, maxVersionSeen: 0, told: new Map() }
    all.set(id, shown)
    return shown
  }
}

/** Lapsed leases are part of it, so that it changes only with the map. */
function textOf(copy: Copy): string {
  return [...copy.readable(Number.NEGATIVE_INFINITY)].map(({ key, version }) => `${key}@${version ?? ''}`).join(' ')
}
