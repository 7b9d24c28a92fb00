/** No message exceeds the budget its sender was given. */

import type { OutMessage, ResolvedEngineOptions } from '../../core/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** A digest always has room for the own entry and one more, whatever its budget: `docs/LIMITS.md`. */
const DIGEST_BYTES_MIN = 4_096

/** Looks at every message, where sizes are measured. */
export class BudgetChecker implements Checker {
  readonly name = 'budgets'
  readonly kind = 'safety'
  readonly #limits: Readonly<Record<'digest' | 'deltas', number>>
  readonly #report: Report
  readonly #world: World

  constructor(world: World, options: ResolvedEngineOptions, report: Report) {
    this.#world = world
    this.#limits = {
      digest: Math.max(DIGEST_BYTES_MIN, options.digestBytesMax),
      deltas: options.deltaBytesMax,
    }
    this.#report = report
  }

  onSend(machine: Machine, { kind }: OutMessage, bytes: number): void {
    // A peer of the first generation has no budgets; what is sent to it is at most five deltas.
    if (machine.isFirstGeneration || bytes <= this.#limits[kind]) return
    this.#report(
      machine.name,
      `sent ${kind} of ${bytes} bytes at ${this.#world.now} ms, the limit is ${this.#limits[kind]}`,
    )
  }
}
