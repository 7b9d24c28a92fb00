/** One bound on bytes that many holders share. */

import { assert } from '../../core/index.ts'

/** Counts bytes held by anyone against one limit. Holders that must not be refused may pass it; others ask first. */
export class ByteBudget {
  readonly bytesMax: number
  #used = 0

  /** @param bytesMax - the limit, > 0 */
  constructor(bytesMax: number) {
    assert(bytesMax > 0)
    this.bytesMax = bytesMax
  }

  /** Bytes held now. */
  get used(): number {
    return this.#used
  }

  /** Whether `bytes` more stay within the limit. */
  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= this.bytesMax
  }

  /** Holds `bytes` more. */
  add(bytes: number): void {
    this.#used += bytes
  }

  /** Gives `bytes` back. */
  remove(bytes: number): void {
    this.#used -= bytes
    assert(this.#used >= 0, 'more bytes were given back than taken')
  }
}
