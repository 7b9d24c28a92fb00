/**
 * Our introductions on one connection. Each gets a number, goes out in as many packets as it takes, again and again
 * until it is answered, and is believed or not: only then do messages go out under its number.
 */

import { assert } from '../../core/index.ts'
import { bodyOf } from './body.ts'
import { INTRODUCTION_BYTES_MAX, type Introduction } from './introduction.ts'
import { Retries } from './retries.ts'

/** How far an introduction has come. */
export type IntroductionState = 'absent' | 'pending' | 'accepted' | 'refused'

/** Introductions that each side of a connection remembers of the other; the oldest is forgotten. */
export const CONNECTION_INTRODUCTIONS_MAX = 8
/** Number of the fragment, number of fragments. */
export const FRAGMENT_HEADER_BYTES = 2
/** Most packets of one introduction: the longest one in the smallest packets. */
export const FRAGMENTS_MAX = 16

const NUMBERS = 256

interface Outgoing {
  readonly number: number
  readonly retries: Retries
  state: Exclude<IntroductionState, 'absent'>
}

/** What an end of a connection has said of itself. */
export class OutgoingIntroductions {
  readonly #fragmentBytesMax: number
  readonly #send: (body: Buffer) => void
  readonly #said = new Map<Introduction, Outgoing>()
  #count = 0

  /**
   * @param fragmentBytesMax - room for a part of an introduction in one packet, its own header excluded
   * @param send - puts a body into a packet
   */
  constructor(fragmentBytesMax: number, send: (body: Buffer) => void) {
    assert(Math.ceil(INTRODUCTION_BYTES_MAX / fragmentBytesMax) <= FRAGMENTS_MAX)
    this.#fragmentBytesMax = fragmentBytesMax
    this.#send = send
  }

  /** Whether any waits for its answer. */
  get isPending(): boolean {
    return [...this.#said.values()].some(({ state }) => state === 'pending')
  }

  /** The one that was said last. */
  get latest(): Introduction | undefined {
    return [...this.#said.keys()].at(-1)
  }

  stateOf(introduction: Introduction): IntroductionState {
    return this.#said.get(introduction)?.state ?? 'absent'
  }

  /** The number under which messages go. The introduction must have been accepted. */
  numberOf(introduction: Introduction): number {
    const outgoing = this.#said.get(introduction)
    assert(outgoing?.state === 'accepted', 'messages go only under an introduction that was accepted')
    return outgoing.number
  }

  /** Says one that is absent. */
  say(introduction: Introduction, nowMs: number): void {
    const outgoing: Outgoing = { number: this.#count++ % NUMBERS, retries: new Retries(nowMs), state: 'pending' }
    this.#said.set(introduction, outgoing)
    const [oldest] = this.#said.keys()
    if (this.#said.size > CONNECTION_INTRODUCTIONS_MAX && oldest !== undefined) this.#said.delete(oldest)
    this.#sendOne(introduction, outgoing)
  }

  /** The other side believes it or does not; returns whether that is news. */
  settle(number: number, state: 'accepted' | 'refused'): boolean {
    for (const outgoing of this.#said.values()) {
      if (outgoing.number !== number || outgoing.state === state) continue
      outgoing.state = state
      return true
    }
    return false
  }

  /** The other side does not know this number, so it has to be said again. */
  forget(number: number): void {
    for (const [introduction, outgoing] of this.#said) {
      if (outgoing.number === number && outgoing.state !== 'pending') this.#said.delete(introduction)
    }
  }

  /** Says again what is due. Returns whether everything was answered within `timeoutMs` so far. */
  poll(nowMs: number, timeoutMs: number): boolean {
    for (const [introduction, outgoing] of this.#said) {
      if (outgoing.state !== 'pending') continue
      if (outgoing.retries.ageMs(nowMs) > timeoutMs) return false
      if (outgoing.retries.isDue(nowMs)) this.#sendOne(introduction, outgoing)
    }
    return true
  }

  #sendOne({ bytes }: Introduction, { number }: Outgoing): void {
    const count = Math.ceil(bytes.length / this.#fragmentBytesMax)
    for (let i = 0; i < count; i++) {
      const fragment = bytes.subarray(i * this.#fragmentBytesMax, (i + 1) * this.#fragmentBytesMax)
      this.#send(bodyOf('introduction', number, Buffer.of(i, count), fragment))
    }
  }
}
