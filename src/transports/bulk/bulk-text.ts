/** The sending end of a bulk transfer: the text of its document, slice by slice, each group made when it is its turn. */

import type { BulkSource } from '../../core/index.ts'
import { JsonSlices } from './json-slices.ts'

/** Slices of a document. Holds one group at a time. */
export class BulkText {
  readonly #source: Pick<BulkSource, 'next'>
  #slices: JsonSlices | undefined
  #groups = 0
  #isOver = false

  /** @param source - where groups come from */
  constructor(source: Pick<BulkSource, 'next'>) {
    this.#source = source
  }

  /** Groups begun so far. */
  get groups(): number {
    return this.#groups
  }

  /** The next slice, at most 64 Ki units and a name; undefined after the last. */
  next(): string | undefined {
    if (this.#isOver) return undefined
    const slice = this.#slices?.next()
    if (slice !== undefined) return slice
    const group = this.#source.next()
    if (group === undefined) {
      this.#isOver = true
      return this.#groups === 0 ? '[]' : ']'
    }
    this.#slices = new JsonSlices(group)
    return (this.#groups++ === 0 ? '[' : ',') + (this.#slices.next() ?? '')
  }
}
