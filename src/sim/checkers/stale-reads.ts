/**
 * Readers never see a half-arrived map. While a copy starts over, they see exactly what they saw of it before, less
 * leases that lapsed meanwhile; of a peer whose first map is on its way they see nothing. The new map is shown when it
 * has reached `gcVersion` and every `top` that came with it, and not before.
 */

import { deepEqual, type EngineEvent, isPlainObject } from '../../core/index.ts'
import type { Arrival, Copy, Process, ReadableEntry } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { standing } from './ledger.ts'
import { namedBy } from './touched.ts'

/** What one process showed of one peer when it was looked at last. */
interface Seen {
  /** What its readers saw while the map was complete. */
  shown: ReadonlyMap<string, ReadableEntry>
  generation: number
  standing: string
  isStale: boolean
  /** The highest `top` of the groups taken in since the copy started over. */
  top: number
}

/** Looks at whom a message speaks of, and in each round at every copy that starts over. O(keys of the peer). */
export class StaleReadChecker implements Checker {
  readonly name = 'stale reads'
  readonly kind = 'safety'
  readonly #world: World
  readonly #report: Report
  readonly #seen = new WeakMap<Process, Map<string, Seen>>()

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    const all = this.#of(machine.running)
    for (const event of events) {
      if (event.type === 'peer removed') all.delete(event.peerId)
      else if (event.type === 'delete') forgetLapsed(all.get(event.peerId), event.key)
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const { running: process } = machine
    if (process.kind === 'first generation') return
    if (arrival === undefined) this.#checkStale(machine, process)
    else for (const id of namedBy(arrival)) this.#check(machine, id, topIn(arrival, id), arrival.kind === 'deltas')
  }

  sweep(): void {
    for (const machine of this.#world.machines.values()) {
      const isAwake = this.#world.now >= machine.stalledUntil
      if (machine.process !== undefined && isAwake) this.#checkStale(machine, machine.process)
    }
  }

  #of(process: Process): Map<string, Seen> {
    const present = this.#seen.get(process)
    if (present !== undefined) return present
    const all = new Map<string, Seen>()
    this.#seen.set(process, all)
    return all
  }

  #checkStale(machine: Machine, process: Process): void {
    if (process.kind === 'first generation') return
    for (const { id } of process.peers()) {
      if (process.copy(id)?.isStale === true) this.#check(machine, id, undefined, false)
    }
  }

  /** `top`: of the group about this peer that has just come, and of which generation. */
  #check(machine: Machine, id: string, group: Top | undefined, hasKeys: boolean): void {
    const process = machine.running
    // What a peer of the first generation has is learnt key by key, and complete at every step.
    const isWatched = id !== machine.id && this.#world.machines.get(id)?.isFirstGeneration !== true
    const copy = isWatched ? process.copy(id) : undefined
    const all = this.#of(process)
    const before = all.get(id)
    if (copy === undefined || (!copy.isStale && !hasKeys)) return
    const seen = { ...(before ?? UNSEEN), generation: copy.generation, isStale: copy.isStale }
    seen.standing = standing(copy)
    const isNewLife = before?.generation !== copy.generation
    if (isNewLife || (copy.isStale && !before.isStale)) seen.top = 0
    // A group that was refused says nothing of the copy, and leaves it where it was.
    const isTaken = seen.standing !== (isNewLife ? NOTHING : before.standing)
    if (isTaken && group?.generation === copy.generation) seen.top = Math.max(seen.top, group.top)
    if (copy.isStale) this.#compare(machine, id, copy, seen.shown)
    else this.#checkComplete(machine, id, copy, before?.isStale === false ? 0 : seen.top)
    if (!copy.isStale) seen.shown = this.#shown(machine, copy)
    all.set(id, seen)
  }

  #compare(machine: Machine, id: string, copy: Copy, expected: ReadonlyMap<string, ReadableEntry>): void {
    const shown = this.#shown(machine, copy)
    const now = machine.localNow(this.#world.now)
    for (const [key, entry] of shown) {
      const former = expected.get(key)
      if (former !== undefined && former.version === entry.version && deepEqual(former.value, entry.value)) continue
      const was = former === undefined ? 'nothing' : JSON.stringify(former.value)
      this.#report(
        machine.name,
        `reads ${id}.${key} = ${JSON.stringify(entry.value)} of a map that is still arriving; before it was ${was}`,
      )
      return
    }
    for (const [key, { expiresAt }] of expected) {
      if (shown.has(key) || (expiresAt !== undefined && expiresAt <= now)) continue
      this.#report(machine.name, `does not read ${id}.${key} any more while another map is still arriving`)
      return
    }
  }

  #checkComplete(machine: Machine, id: string, { gcVersion, maxVersionSeen }: Copy, top: number): void {
    if (maxVersionSeen >= gcVersion && maxVersionSeen >= top) return
    const missing = Math.max(gcVersion, top)
    this.#report(machine.name, `shows ${id} up to version ${maxVersionSeen}, though it is complete only at ${missing}`)
  }

  #shown(machine: Machine, copy: Copy): ReadonlyMap<string, ReadableEntry> {
    const readable = copy.readable(machine.localNow(this.#world.now))
    return new Map([...readable].map((entry) => [entry.key, entry]))
  }
}

interface Top {
  readonly generation: number
  readonly top: number
}

const NOTHING = standing({ gcVersion: 0, maxVersionSeen: 0 })
const UNSEEN: Seen = { shown: new Map(), generation: -1, standing: NOTHING, isStale: true, top: 0 }

/** Where leases cannot be seen, a deletion that is told while a map is arriving is a lease that lapsed. */
function forgetLapsed(seen: Seen | undefined, key: string): void {
  const entry = seen?.shown.get(key)
  if (seen === undefined || entry === undefined || entry.version !== undefined) return
  seen.shown = new Map([...seen.shown].filter(([other]) => other !== key))
}

function topIn({ kind, payload }: Arrival, id: string): Top | undefined {
  if (kind !== 'deltas' || !Array.isArray(payload)) return undefined
  for (const group of payload as readonly unknown[]) {
    if (!isPlainObject(group) || group['id'] !== id) continue
    const { generation, top } = group
    if (typeof generation === 'number' && typeof top === 'number') return { generation, top }
  }
  return undefined
}
