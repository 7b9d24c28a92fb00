/** No message exceeds the budget its sender was given, nor what the transport told it at its start. */

import { isPlainObject, type JsonValue, type OutMessage, type ResolvedEngineOptions } from '../../core/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** A digest always has room for the own entry and one more, whatever its budget: `docs/LIMITS.md`. */
const DIGEST_BYTES_MIN = 4_096

/** Looks at every message; at its bytes where they are measured, at the number of its deltas everywhere. */
export class BudgetChecker implements Checker {
  readonly name = 'budgets'
  readonly kind = 'safety'
  readonly #limits: Readonly<Record<'digest' | 'deltas', number>>
  readonly #deltasMax: number
  readonly #report: Report

  constructor(world: World, options: ResolvedEngineOptions, report: Report) {
    const { declaredBytesMax } = world.network
    this.#limits = {
      digest: Math.max(DIGEST_BYTES_MIN, Math.min(options.digestBytesMax, declaredBytesMax)),
      deltas: Math.min(options.deltaBytesMax, declaredBytesMax),
    }
    this.#deltasMax = options.deltasMax
    this.#report = report
  }

  onSend(machine: Machine, message: OutMessage, bytes: number): void {
    const { kind } = message
    // A peer of the first generation has no budgets; what is sent to it is at most five deltas.
    if (machine.isFirstGeneration) return
    const limit = this.#limits[kind]
    if (bytes > limit) this.#report(machine.name, `sent ${kind} of ${bytes} bytes, the limit is ${limit}`)
    const entries = kind === 'deltas' ? entriesIn(message.payload) : 0
    if (entries > this.#deltasMax) {
      this.#report(machine.name, `sent deltas of ${entries} entries, the limit is ${this.#deltasMax}`)
    }
  }
}

function entriesIn(payload: JsonValue): number {
  if (!Array.isArray(payload)) return 0
  const groups = payload as readonly JsonValue[]
  return groups.reduce<number>((sum, group) => {
    const entries = isPlainObject(group) ? (group as Readonly<Record<string, JsonValue>>)['entries'] : undefined
    return sum + (Array.isArray(entries) ? entries.length : 0)
  }, 0)
}
