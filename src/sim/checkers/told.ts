/** What readers were told is what they read: after every batch, the events so far add up to the map that is shown. */

import { deepEqual, type EngineEvent, type JsonValue } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { touchedBy } from './touched.ts'

type Told = Map<string, JsonValue>

/** Looks at copies that deltas speak of. O(keys). */
export class ToldChecker implements Checker {
  readonly name = 'told'
  readonly kind = 'safety'
  readonly #world: World
  readonly #report: Report
  readonly #told = new WeakMap<Process, Map<string, Told>>()

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (!('peerId' in event) || event.peerId === machine.id) continue
      if (event.type === 'update') this.#of(machine, event.peerId).set(event.key, event.value)
      else if (event.type === 'delete') this.#of(machine, event.peerId).delete(event.key)
      else if (event.type === 'peer removed') this.#told.get(machine.running)?.delete(event.peerId)
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    if (machine.running.kind !== 'engine') return
    for (const id of touchedBy(arrival)) this.#check(machine, id)
  }

  sweep(): void {
    for (const machine of this.#world.machines.values()) {
      if (machine.process?.kind !== 'engine') continue
      for (const { id } of machine.process.peers()) this.#check(machine, id)
    }
  }

  #check(machine: Machine, id: string): void {
    const copy = machine.running.copy(id)
    if (copy === undefined || this.#world.now < machine.stalledUntil) return
    const told = this.#of(machine, id)
    let count = 0
    for (const { key, value } of copy.readable(machine.localNow(this.#world.now))) {
      count++
      if (told.has(key) && deepEqual(told.get(key) as JsonValue, value)) continue
      this.#report(machine.name, `reads ${id}.${key} = ${JSON.stringify(value)}, and was not told so`)
    }
    if (count < told.size) this.#report(machine.name, `reads ${count} keys of ${id}, and was told of ${told.size}`)
  }

  #of(machine: Machine, id: string): Told {
    const all = this.#told.get(machine.running) ?? new Map<string, Told>()
    this.#told.set(machine.running, all)
    const told = all.get(id) ?? new Map<string, JsonValue>()
    all.set(id, told)
    return told
  }
}
