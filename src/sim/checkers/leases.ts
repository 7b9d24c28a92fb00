/**
 * A lease travels with its key: every copy of a leased entry is leased, and no relay lengthens it beyond what its sender
 * still saw of it.
 */

import type { JsonValue, OutMessage } from '../../core/index.ts'
import type { Arrival, Copy, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { groupsIn } from './messages.ts'

const VERSION_PLACE = 2
/** Place of the rest of a lease in an entry of a group, and how many parts such an entry has. */
const REST_PLACE = 3
const LEASED_PARTS = 4
/** Rests are whole ms. */
const ROUNDING_MS = 1

/** Looks at deltas as they are sent and as they arrive. */
export class LeaseChecker implements Checker {
  readonly name = 'leases'
  readonly kind = 'safety'
  readonly #world: World
  readonly #report: Report
  /** Own entries with a lease: id, generation and version. */
  readonly #leased = new Set<string>()
  /** Up to which version own maps were looked at. */
  readonly #seen = new WeakMap<Process, { generation: number; maxVersionSeen: number }>()

  /** Entries that have arrived: a later arrival finds them held, for as long as the first one said. */
  readonly #arrived = new WeakMap<Process, Set<string>>()

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onWrite(machine: Machine): void {
    const own = machine.running.own()
    const { generation, maxVersionSeen } = own
    const seen = this.#seen.get(machine.running)
    const after = seen?.generation === generation ? seen.maxVersionSeen : 0
    for (const { key, version } of own.held(after) ?? []) {
      if (isLeased(own, key)) this.#leased.add(entryKey(machine.id, generation, version))
    }
    this.#seen.set(machine.running, { generation, maxVersionSeen })
  }

  onSend(machine: Machine, message: OutMessage): void {
    if (message.kind !== 'deltas' || machine.running.kind !== 'engine') return
    for (const { id, entries } of groupsIn(message.payload)) {
      const copy = id === machine.id ? machine.running.own() : machine.running.copy(id)
      if (copy === undefined || copy.isStale) continue
      for (const [key, , , restMs] of entries) {
        if (typeof key !== 'string' || typeof restMs !== 'number' || restMs === 0) continue
        const end = machine.localNow(this.#world.now) + restMs
        if (copy.read(key, end - ROUNDING_MS) !== undefined) continue
        this.#report(machine.name, `passed ${id}.${key} on for ${restMs} ms, longer than its lease`)
      }
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    if (arrival?.kind !== 'deltas' || machine.running.kind !== 'engine') return
    const arrived = this.#arrived.get(machine.running) ?? new Set<string>()
    this.#arrived.set(machine.running, arrived)
    for (const { id, generation, entries } of groupsIn(arrival.payload)) {
      const copy = id === machine.id ? undefined : machine.running.copy(id)
      for (const entry of entries) {
        const key = entryKey(id, generation, Number(entry[VERSION_PLACE]))
        if (entry.length < REST_PLACE || arrived.has(key)) continue
        arrived.add(key)
        if (copy?.isStale === false && copy.generation === generation) this.#checkHeld(machine, id, copy, entry)
      }
    }
  }

  #checkHeld(machine: Machine, id: string, copy: Copy, entry: readonly JsonValue[]): void {
    const [key, , version] = entry
    if (typeof key !== 'string') return
    const held = copy.read(key, Number.NEGATIVE_INFINITY)
    if (held === undefined || held.version !== version) return
    const wasLeased = this.#leased.has(entryKey(id, copy.generation, version as number))
    if (isLeased(copy, key) !== wasLeased) {
      this.#report(machine.name, `holds ${id}.${key} ${wasLeased ? 'without its' : 'with a'} lease`)
    }
    if (entry.length < LEASED_PARTS) return
    const end = machine.localNow(this.#world.now) + (entry[REST_PLACE] as number)
    if (copy.read(key, end + ROUNDING_MS) === undefined) return
    this.#report(machine.name, `holds ${id}.${key} for longer than its sender`)
  }
}

function isLeased(copy: Copy, key: string): boolean {
  return (
    copy.read(key, Number.NEGATIVE_INFINITY) !== undefined && copy.read(key, Number.POSITIVE_INFINITY) === undefined
  )
}

function entryKey(id: string, generation: number, version: number): string {
  return `${generation} ${version} ${id}`
}
