/** The violations of a simulation: kept all of them, and thrown once each where that is wanted. */

import type { Violation } from './checkers/index.ts'
import { ViolationError } from './errors.ts'

/** Takes violations down. */
export class Verdicts {
  readonly all: Violation[] = []
  readonly #isThrowing: boolean
  #thrown = 0

  /** @param isThrowing - whether `throwNew` throws */
  constructor(isThrowing: boolean) {
    this.#isThrowing = isThrowing
  }

  take(violation: Violation): void {
    this.all.push(violation)
  }

  /** @throws {ViolationError} there are violations that were not yet thrown */
  throwNew(where: () => string): void {
    if (!this.#isThrowing || this.all.length === this.#thrown) return
    const found = this.all.slice(this.#thrown)
    this.#thrown = this.all.length
    throw new ViolationError(found, where())
  }

  /** @throws {ViolationError} there are any */
  throwAll(where: () => string): void {
    if (this.all.length > 0) throw new ViolationError(this.all, where())
  }
}
