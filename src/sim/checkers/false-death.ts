/**
 * Nobody is called dead without cause: a node that is up, among machines and ways that were left alone for a while, is
 * not convicted. That it stalled itself excuses nobody who passes a verdict: it holds its own sleep against no one.
 */

import type { EngineEvent, ResolvedEngineOptions } from '../../core/index.ts'
import { largestOf } from '../distribution.ts'
import type { Disturbance, EndCause, Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Loss up to this chance is no excuse; a digest and its answer must be lost again and again for so long. */
const LOSS_CHANCE_MAX = 0.2
/** For how many timeouts a disturbance excuses a verdict. */
const EXCUSED_TIMEOUTS = 3

/** Looks at every verdict. */
export class FalseDeathChecker implements Checker {
  readonly name = 'false death'
  readonly kind = 'policy'
  /** Verdicts about nodes that were up, excused or not. */
  count = 0
  readonly #world: World
  readonly #report: Report
  readonly #excusedMs: number
  readonly #intervalMs: number
  /** When each machine, or under '' all of them, was last disturbed. */
  readonly #disturbedAt = new Map<string, number>()
  /** When each machine last stalled, or woke. */
  readonly #stalledAt = new Map<string, number>()

  constructor(world: World, options: ResolvedEngineOptions, report: Report) {
    this.#world = world
    this.#report = report
    this.#intervalMs = options.gossipIntervalMs
    this.#excusedMs = EXCUSED_TIMEOUTS * options.deadPeerPhi * Math.LN10 * options.maxIntervalMs
  }

  onDisturbance({ what, machines }: Disturbance, at: number): void {
    // Suspicion goes by monotonic clocks: a jump of the wall clock is no excuse.
    if (what === 'clock jump') return
    const isStall = what === 'stall' || what === 'woken'
    const times = isStall ? this.#stalledAt : this.#disturbedAt
    for (const name of machines.length === 0 ? [''] : machines) times.set(name, at)
  }

  onStart(machine: Machine, at: number): void {
    this.#disturbedAt.set(machine.name, at)
  }

  onEnd(machine: Machine, _cause: EndCause, at: number): void {
    this.#disturbedAt.set(machine.name, at)
  }

  onEvents(machine: Machine, events: readonly EngineEvent[], at: number): void {
    for (const event of events) {
      if (event.type !== 'peer dead') continue
      const accused = this.#accused(event.peerId)
      if (accused === undefined || accused.isLeaving) continue
      this.count++
      const isExcused = this.#isExcused(machine, at) || this.#isExcused(accused, at) || this.#hasStalled(accused, at)
      if (!isExcused) {
        this.#report(machine.name, `called ${event.peerId} dead, which is up and was left alone`)
      }
    }
  }

  #accused(id: string): Machine | undefined {
    for (const machine of this.#world.machines.values()) {
      if (machine.id === id && machine.status === 'up') return machine
    }
    return undefined
  }

  #isExcused(machine: Machine, at: number): boolean {
    const { conditions, links } = this.#world.network
    const { lossChance, corruptChance, latencyMs } = conditions
    if (lossChance + corruptChance > LOSS_CHANCE_MAX || largestOf(latencyMs) > this.#intervalMs) return true
    if (!links.areWhole || machine.running.isFrozen) return true
    const since = Math.max(this.#disturbedAt.get('') ?? -Infinity, this.#disturbedAt.get(machine.name) ?? -Infinity)
    return at - since < this.#excusedMs
  }

  #hasStalled(machine: Machine, at: number): boolean {
    const since = this.#stalledAt.get(machine.name) ?? -Infinity
    return at < machine.stalledUntil || at - since < this.#excusedMs
  }
}
