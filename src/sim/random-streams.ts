/**
 * Independent streams of chance from one seed. Each concern draws from its own, so that one message more or one fault
 * less does not change everything else: that is what lets a failing run shrink to a small one.
 */

import { seededRandom } from '../core/index.ts'

/** A stream for each name; the same name and seed give the same numbers. */
export class RandomStreams {
  readonly #seed: number

  /** @param seed - an integer */
  constructor(seed: number) {
    this.#seed = seed
  }

  /** A fresh stream from the beginning. */
  stream(name: string): () => number {
    let hash = 0x811c9dc5 ^ this.#seed
    for (let i = 0; i < name.length; i++) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
      hash ^= hash >>> 15
    }
    return seededRandom(hash ^ Math.floor(this.#seed / 0x1_0000_0000))
  }
}
