/**
 * Nobody is called dead or removed in haste: of a node that is up, among machines and ways that can reach each other, a
 * heartbeat comes within one timeout of regular gaps, so that a disturbance excuses a verdict for a few of those only. That
 * the judge itself did not run for a while, or that its wall clock jumped, is no cause.
 */

import type { EngineEvent, ResolvedEngineOptions } from '../../core/index.ts'
import { largestOf } from '../distribution.ts'
import type { Disturbance, EndCause, Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Loss up to this chance is no excuse; a digest and its answer must be lost again and again for so long. */
const LOSS_CHANCE_MAX = 0.2
/**
 * For how many timeouts a disturbance excuses a verdict. A peer that can be heard again is heard within one of them, however
 * long the gaps are that others are judged by.
 */
const EXCUSED_TIMEOUTS = 3
/** What a digest entry takes at most, so that a larger digest than all of them has one page. */
const ENTRY_BYTES_MAX = 300
/** Excuses only whom it befalls, and not the judge. */
const HARMLESS_TO_JUDGES = ['stall', 'stalled', 'woken']
/** Excuses nobody. */
const HARMLESS = ['clock jump']

/** Looks at every verdict. */
export class HastyVerdictChecker implements Checker {
  readonly name = 'hasty verdicts'
  readonly kind = 'policy'
  readonly #world: World
  readonly #report: Report
  readonly #options: ResolvedEngineOptions
  /** When each machine, or under '' all of them, was last disturbed. */
  readonly #disturbedAt = new Map<string, number>()
  /** The same without what does not excuse a judge. */
  readonly #hinderedAt = new Map<string, number>()

  constructor(world: World, options: ResolvedEngineOptions, report: Report) {
    this.#world = world
    this.#report = report
    this.#options = options
  }

  onDisturbance({ what, machines }: Disturbance, at: number): void {
    if (HARMLESS.includes(what)) return
    for (const name of machines.length === 0 ? [''] : machines) {
      this.#disturbedAt.set(name, at)
      if (!HARMLESS_TO_JUDGES.includes(what)) this.#hinderedAt.set(name, at)
    }
  }

  onStart(machine: Machine, at: number): void {
    this.#disturbedAt.set(machine.name, at)
    this.#hinderedAt.set(machine.name, at)
  }

  onEnd(machine: Machine, _cause: EndCause, at: number): void {
    this.onStart(machine, at)
  }

  onEvents(machine: Machine, events: readonly EngineEvent[], at: number): void {
    for (const event of events) {
      if (event.type !== 'peer dead' && event.type !== 'peer removed') continue
      const accused = this.#accused(event.peerId)
      if (accused === undefined || accused.isLeaving) continue
      // Retirement goes by real time, and comes before the mail is read that waited during a stall.
      const causes = event.type === 'peer dead' ? this.#hinderedAt : this.#disturbedAt
      if (this.#isExcused(machine, causes, at) || this.#isExcused(accused, this.#disturbedAt, at)) continue
      const verdict = event.type === 'peer dead' ? `called ${event.peerId} dead` : `removed ${event.peerId}`
      this.#report(machine.name, `${verdict}, which is up and was left alone`)
    }
  }

  #accused(id: string): Machine | undefined {
    for (const machine of this.#world.machines.values()) {
      if (machine.id === id && machine.status === 'up') return machine
    }
    return undefined
  }

  #isExcused(machine: Machine, causes: ReadonlyMap<string, number>, at: number): boolean {
    const { conditions, links } = this.#world.network
    const { lossChance, corruptChance, latencyMs, maxMessageBytes } = conditions
    const { gossipIntervalMs, digestBytesMax } = this.#options
    if (lossChance + corruptChance > LOSS_CHANCE_MAX || largestOf(latencyMs) > gossipIntervalMs) return true
    if (this.#world.now < machine.stalledUntil) return true
    if (!links.areWhole || machine.running.isFrozen || maxMessageBytes < digestBytesMax) return true
    const stalledUntil = causes === this.#disturbedAt ? machine.stalledUntil : -Infinity
    const since = Math.max(causes.get('') ?? -Infinity, causes.get(machine.name) ?? -Infinity, stalledUntil)
    return at - since < this.#excusedMs()
  }

  /** Where a digest has pages, a peer is heard of once in as many rounds. */
  #excusedMs(): number {
    const { deadPeerPhi, initialIntervalMs, digestBytesMax } = this.#options
    const peers = this.#world.machines.size
    const pages = peers * ENTRY_BYTES_MAX <= digestBytesMax ? 1 : peers
    return EXCUSED_TIMEOUTS * deadPeerPhi * Math.LN10 * initialIntervalMs * pages
  }
}
