/** Thins out errors that come back with every round, such as those of a seed that is down. */

import { GossipError } from '../../core/index.ts'

/** An error to tell, and how often it has happened since it was last told. */
export interface ToldError {
  readonly code: string
  readonly message: string
  readonly times: number
}

/** Time for which an error that was told is only counted. */
const QUIET_MS = 10_000
/** Kinds remembered; the oldest is forgotten and would be told again. */
const KINDS_MAX = 256

/** Remembers what was told and when. */
export class RepeatedErrors {
  readonly #kinds = new Map<string, { toldAtMs: number; untold: number }>()

  /** What to tell of an error now; undefined when the same was told a moment ago. */
  note(error: Error, nowMs: number): ToldError | undefined {
    const code = error instanceof GossipError ? error.code : error.name
    const { message } = error
    const name = `${code} ${message}`
    const kind = this.#kinds.get(name)
    if (kind !== undefined && nowMs - kind.toldAtMs < QUIET_MS) {
      kind.untold++
      return undefined
    }
    this.#kinds.delete(name)
    this.#kinds.set(name, { toldAtMs: nowMs, untold: 0 })
    const [oldest] = this.#kinds.keys()
    if (this.#kinds.size > KINDS_MAX && oldest !== undefined) this.#kinds.delete(oldest)
    return { code, message, times: (kind?.untold ?? 0) + 1 }
  }
}
