/** The other side's introductions on one connection: put together from their packets, judged once, kept by number. */

import { MalformedMessageError, type SenderRef } from '../../core/index.ts'
import { INTRODUCTION_BYTES_MAX, parseIntroduction, type ReadIntroduction } from './introduction.ts'
import { CONNECTION_INTRODUCTIONS_MAX, FRAGMENT_HEADER_BYTES, FRAGMENTS_MAX } from './outgoing-introductions.ts'

/** What was made of an introduction. */
export interface Judged {
  readonly sender: SenderRef
  readonly isAccepted: boolean
}

interface Assembly {
  readonly number: number
  readonly count: number
  readonly fragments: Map<number, Buffer>
}

/** What an end of a connection has heard. At most one introduction is in the making, and eight are kept. */
export class IncomingIntroductions {
  readonly #judge: (introduction: ReadIntroduction) => boolean
  readonly #judged = new Map<number, Judged>()
  #assembly: Assembly | undefined

  /** @param judge - called once for each whole introduction; whether it is accepted */
  constructor(judge: (introduction: ReadIntroduction) => boolean) {
    this.#judge = judge
  }

  /** What was made of a number; undefined for one that is not known. */
  get(number: number): Judged | undefined {
    return this.#judged.get(number)
  }

  /** Forgets all: they have to be judged anew. */
  clear(): void {
    this.#judged.clear()
    this.#assembly = undefined
  }

  /**
   * Takes a part of an introduction.
   *
   * @returns what was made of it, once it is whole, and each time a part of it comes again
   * @throws {MalformedMessageError} no part, or the whole cannot be read
   */
  take(number: number, rest: Buffer): Judged | undefined {
    const known = this.#judged.get(number)
    if (known !== undefined) return known
    const bytes = this.#whole(number, rest)
    if (bytes === undefined) return undefined
    const introduction = parseIntroduction(bytes)
    const judged = { sender: introduction.sender, isAccepted: this.#judge(introduction) }
    this.#judged.set(number, judged)
    const [oldest] = this.#judged.keys()
    if (this.#judged.size > CONNECTION_INTRODUCTIONS_MAX && oldest !== undefined) this.#judged.delete(oldest)
    return judged
  }

  #whole(number: number, rest: Buffer): Buffer | undefined {
    const [index = 0, count = 0] = rest
    if (rest.length <= FRAGMENT_HEADER_BYTES || index >= count || count > FRAGMENTS_MAX) {
      throw new MalformedMessageError('a part of an introduction is no part')
    }
    if (this.#assembly?.number !== number || this.#assembly.count !== count) {
      this.#assembly = { number, count, fragments: new Map() }
    }
    const { fragments } = this.#assembly
    fragments.set(index, Buffer.from(rest.subarray(FRAGMENT_HEADER_BYTES)))
    const lengths = [...fragments.values()].map(({ length }) => length)
    if (lengths.reduce((sum, length) => sum + length, 0) > INTRODUCTION_BYTES_MAX) {
      throw new MalformedMessageError(`an introduction takes over ${INTRODUCTION_BYTES_MAX} bytes`)
    }
    if (fragments.size < count) return undefined
    this.#assembly = undefined
    return Buffer.concat(Array.from({ length: count }, (_, i) => fragments.get(i) as Buffer))
  }
}
