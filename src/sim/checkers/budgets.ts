/** No message exceeds the budgets its sender was given: bytes, and the number of entries in deltas. */

import type { OutMessage, ResolvedEngineOptions } from '../../core/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { groupsIn } from './messages.ts'

/** A digest always has room for the own entry and one more, whatever its budget: `docs/LIMITS.md`. */
const DIGEST_ITEMS_MIN = 2

/** Looks at every message, where sizes are measured. */
export class BudgetChecker implements Checker {
  readonly name = 'budgets'
  readonly kind = 'safety'
  readonly #limits: Readonly<Record<'digest' | 'deltas', number>>
  readonly #deltasMax: number
  readonly #report: Report
  readonly #world: World

  constructor(world: World, options: ResolvedEngineOptions, report: Report) {
    this.#world = world
    this.#limits = { digest: options.digestBytesMax, deltas: options.deltaBytesMax }
    this.#deltasMax = options.deltasMax
    this.#report = report
  }

  onSend(machine: Machine, message: OutMessage, bytes: number): void {
    const { kind } = message
    // A peer of the first generation has no budgets; what is sent to it is at most five deltas.
    if (machine.isFirstGeneration) return
    if (bytes > this.#limits[kind] && !isSmallest(message)) {
      const limit = this.#limits[kind]
      this.#report(machine.name, `sent ${kind} of ${bytes} bytes at ${this.#world.now} ms, the limit is ${limit}`)
    }
    if (kind === 'digest') return
    const count = groupsIn(message.payload).reduce((sum, { entries }) => sum + entries.length, 0)
    if (count > this.#deltasMax) this.#report(machine.name, `sent ${count} deltas, the limit is ${this.#deltasMax}`)
  }
}

function isSmallest({ kind, payload }: OutMessage): boolean {
  return kind === 'digest' && Array.isArray(payload) && payload.length <= DIGEST_ITEMS_MIN
}
