/**
 * A dead peer's silence is everywhere the longest that anybody has waited: whoever does not hold it live takes the larger
 * one of the same (generation, heartbeat) it is told of, and passes on no smaller one from then on.
 */

import type { EngineEvent, OutMessage } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { itemsIn } from './messages.ts'
import type { Sight } from './sight.ts'

/** Since when, at the latest, a process must hold a peer silent, in its own time. */
interface Since {
  readonly generation: number
  readonly heartbeat: number
  readonly heardAt: number
}

/** Silences are told in whole ms. */
const ROUNDING_MS = 1.5

/** Looks at silences as they are told and as they are heard, where digests travel as JSON. */
export class SilenceChecker implements Checker {
  readonly name = 'silences'
  readonly kind = 'safety'
  readonly #world: World
  readonly #sight: Sight
  readonly #report: Report
  /** Whether an error was told since the last input: it may be of this one, and nothing of it was believed. */
  #isRefused = false
  readonly #since = new WeakMap<Process, Map<string, Since>>()

  constructor(world: World, sight: Sight, report: Report) {
    this.#world = world
    this.#sight = sight
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === 'error') this.#isRefused = true
      // Whoever comes back after its removal comes with the silence he is told of then.
      else if (event.type === 'peer removed') this.#since.get(machine.running)?.delete(event.peerId)
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const { running } = machine
    const isRefused = this.#isRefused
    this.#isRefused = false
    if (isRefused || arrival?.kind !== 'digest' || running.kind !== 'engine') return
    for (const { id, generation, heartbeat, silentMs } of itemsIn(arrival.payload)) {
      const peer = silentMs === undefined ? undefined : running.peer(id)
      if (peer === undefined || silentMs === undefined || peer.status === 'live') continue
      if (peer.generation !== generation || peer.heartbeat !== heartbeat) continue
      this.#note(machine, id, { generation, heartbeat, heardAt: this.#now(machine) - silentMs })
    }
  }

  onSend(machine: Machine, message: OutMessage): void {
    const all = this.#since.get(machine.running)
    if (all === undefined || message.kind !== 'digest' || this.#sight.isBlind) return
    for (const { id, generation, heartbeat, silentMs } of itemsIn(message.payload)) {
      const since = silentMs === undefined ? undefined : all.get(id)
      if (since === undefined || silentMs === undefined) continue
      if (since.generation !== generation || since.heartbeat !== heartbeat) continue
      const dueMs = this.#now(machine) - since.heardAt
      if (silentMs + ROUNDING_MS >= dueMs) continue
      this.#report(machine.name, `tells of ${silentMs} ms of silence of ${id}, and knows of ${Math.floor(dueMs)} ms`)
    }
  }

  #note(machine: Machine, id: string, since: Since): void {
    const all = this.#since.get(machine.running) ?? new Map<string, Since>()
    this.#since.set(machine.running, all)
    const before = all.get(id)
    const isSame = before?.generation === since.generation && before.heartbeat === since.heartbeat
    if (!isSame || since.heardAt < before.heardAt) all.set(id, since)
  }

  #now(machine: Machine): number {
    return machine.localNow(this.#world.now)
  }
}
