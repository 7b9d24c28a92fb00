/**
 * What waits to be sent on one session. A session says when it has had enough; from then on messages wait here, in
 * order, and whoever sends is told to wait too. Answers are always taken: their number is bounded where they are made.
 */

import type { GossipError, Session } from '../core/index.ts'
import { codeOf, MessagingError } from './errors.ts'

interface Waiting {
  readonly frame: Uint8Array
  readonly onSent: () => void
}

/** The way out of one session. */
export class FrameQueue {
  readonly #session: Session
  readonly #bytesMax: number
  #waiting: Waiting[] = []
  #bytes = 0
  #isBlocked = false
  #onRoom: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  /** @param bytesMax - what may wait, answers not counted, bytes */
  constructor(session: Session, bytesMax: number) {
    this.#session = session
    this.#bytesMax = bytesMax
    session.on('drain', () => this.#drain())
  }

  /** Bytes that wait here. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Sends a message, or lets it wait.
   *
   * @throws {MessagingError} `GOSSIP_PAYLOAD_TOO_LARGE`, `GOSSIP_QUEUE_FULL`: it was not taken
   * @throws {GossipError} the session is closed
   */
  push(frame: Uint8Array): void {
    this.assertFits(frame.length)
    if (this.#isBlocked && this.#bytes + frame.length > this.#bytesMax) {
      const problem = `${this.#bytes} bytes wait already for ${this.#session.remote.id} to read`
      throw new MessagingError('GOSSIP_QUEUE_FULL', problem, { peer: this.#session.remote.id })
    }
    this.#put(frame, () => {})
  }

  /**
   * Sends an answer, or lets it wait, however much waits.
   *
   * @param onSent - called once the session has taken it; never, if the session ends first
   */
  answer(frame: Uint8Array, onSent: () => void): void {
    if (!this.#session.isClosed) this.#put(frame, onSent)
  }

  /** @throws {MessagingError} `GOSSIP_PAYLOAD_TOO_LARGE`: no frame of the session is so long */
  assertFits(bytes: number): void {
    const { frameBytesMax, remote } = this.#session
    if (bytes <= frameBytesMax) return
    const problem = `a message of ${bytes} bytes exceeds the ${frameBytesMax} of a frame: send it on a stream`
    throw new MessagingError('GOSSIP_PAYLOAD_TOO_LARGE', problem, { peer: remote.id })
  }

  /** Resolves when there is room; rejects when the session ends. */
  async room(): Promise<void> {
    if (!this.#isBlocked) return
    await new Promise<void>((resolve, reject) => {
      this.#onRoom.push({ resolve, reject })
    })
  }

  /** The session is over. */
  fail(error: GossipError): void {
    this.#waiting = []
    this.#bytes = 0
    for (const { reject } of this.#onRoom.splice(0)) reject(error)
  }

  #put(frame: Uint8Array, onSent: () => void): void {
    if (!this.#isBlocked && this.#isTaken(frame)) {
      onSent()
      return
    }
    this.#waiting.push({ frame, onSent })
    this.#bytes += frame.length
  }

  /** @returns false: the session's own queue was filled by others, and will say when there is room */
  #isTaken(frame: Uint8Array): boolean {
    try {
      this.#isBlocked = !this.#session.send(frame)
      return true
    } catch (error) {
      if (codeOf(error, '') !== 'GOSSIP_QUEUE_FULL') throw error
      this.#isBlocked = true
      return false
    }
  }

  #drain(): void {
    this.#isBlocked = false
    let sent = 0
    for (const { frame, onSent } of this.#waiting) {
      if (this.#isBlocked || this.#session.isClosed || !this.#isTaken(frame)) break
      sent++
      this.#bytes -= frame.length
      onSent()
    }
    this.#waiting.splice(0, sent)
    if (!this.#isBlocked) for (const { resolve } of this.#onRoom.splice(0)) resolve()
  }
}
