/**
 * Whether digests can be looked into: where a network hands them over as they are, they are never written as JSON, and
 * whoever asked for it would make a large simulation several times slower.
 */

import type { Arrival } from '../process/index.ts'
import type { Machine, Observer } from '../world/index.ts'

/** Shared by the checkers that look into digests. */
export class Sight implements Observer {
  #isBlind = false

  /** Whether a digest was handed over without JSON. */
  get isBlind(): boolean {
    return this.#isBlind
  }

  onInput(_machine: Machine, arrival: Arrival | undefined): void {
    this.#isBlind ||= arrival?.body !== undefined
  }
}
