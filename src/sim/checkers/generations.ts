/** Every start is a new generation, above the one on its disk; and a process does not move on again and again. */

import type { EngineEvent, ResolvedEngineOptions } from '../../core/index.ts'
import type { Process } from '../process/index.ts'
import type { EndCause, Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/**
 * Generations a process may take within the grace of dead peers. Three are taken from higher ones, which count; those
 * taken from removal records and from its own generation elsewhere do not, but are rare.
 */
const TAKEN_MAX = 12

/** Looks at starts and takeovers. */
export class GenerationChecker implements Checker {
  readonly name = 'generations'
  readonly kind = 'safety'
  readonly #graceMs: number
  readonly #report: Report
  /** What a machine's disk said when its last process had ended. */
  readonly #stored = new Map<string, number>()
  readonly #takenAt = new WeakMap<Process, readonly number[]>()

  constructor(options: ResolvedEngineOptions, report: Report) {
    this.#graceMs = options.deadPeerGracePeriodMs
    this.#report = report
  }

  onEnd(machine: Machine, _cause: EndCause): void {
    this.#stored.set(machine.name, machine.disk.generation)
  }

  onStart(machine: Machine): void {
    const { kind, generation } = machine.running
    const stored = this.#stored.get(machine.name) ?? 0
    if (kind !== 'engine' || generation > stored) return
    this.#report(machine.name, `began generation ${generation}, and its disk had ${stored}`)
  }

  onEvents(machine: Machine, events: readonly EngineEvent[], at: number): void {
    const count = events.filter(({ type }) => type === 'generation').length
    if (count === 0) return
    const recent = (this.#takenAt.get(machine.running) ?? []).filter((time) => at - time < this.#graceMs)
    const taken = [...recent, ...Array<number>(count).fill(at)]
    this.#takenAt.set(machine.running, taken)
    if (taken.length > TAKEN_MAX)
      this.#report(machine.name, `took ${taken.length} generations within ${this.#graceMs} ms`)
  }
}
