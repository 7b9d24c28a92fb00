/** What a checker is: an observer of a world with a name, a kind, and something to say when a promise is broken. */

import type { Observer } from '../world/index.ts'

/**
 * `safety`: it must never happen. `liveness`: it must happen in time once faults stop. `policy`: a judgement that should
 * not be passed without cause.
 */
export type ViolationKind = 'safety' | 'liveness' | 'policy'

/** A promise that was broken. */
export interface Violation {
  /** Name of the checker. */
  readonly checker: string
  readonly kind: ViolationKind
  /** Virtual time, ms. */
  readonly at: number
  /** Name of the machine where it was seen. */
  readonly node: string
  /** What is wrong, in words. */
  readonly problem: string
}

/** Takes a violation down. */
export type Report = (node: string, problem: string) => void

/** Looks on, and reports. */
export interface Checker extends Observer {
  readonly name: string
  readonly kind: ViolationKind
  /** Looks at everything once more. */
  sweep?(): void
}
