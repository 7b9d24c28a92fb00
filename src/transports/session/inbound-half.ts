/**
 * The way of a channel's bytes to its reader. What arrives waits until the reader takes it, and only what was taken is
 * given back as credit, so a reader that stops stops its writer and nobody else.
 */

import { assert } from '../../core/index.ts'
import { ByteQueue } from './byte-queue.ts'
import type { CreditPool } from './credit-pool.ts'
import { malformed } from './frame.ts'

/** What a half tells its channel. */
export interface InboundPorts {
  /** There is enough credit to give back. */
  onCreditDue(): void
  /** The reader wants no more, and the other side has not ended. */
  onCancelled(reason: unknown): void
  /** The end has come and everything before it was taken. */
  onDrained(): void
}

/** Reads one channel. */
export class InboundHalf {
  readonly stream: ReadableStream<Uint8Array>
  readonly #pool: CreditPool
  readonly #ports: InboundPorts
  readonly #unread = new ByteQueue()
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  /** What was lent to this channel beyond its share. */
  #borrowedBytes = 0
  /** What the other side may still send. */
  #creditBytes: number
  /** Whether a read waits for bytes. */
  #isWanted = false
  #state: 'open' | 'ended' | 'over' = 'open'

  constructor(pool: CreditPool, ports: InboundPorts) {
    this.#pool = pool
    this.#ports = ports
    this.#borrowedBytes = pool.borrow(pool.windowBytes - pool.shareBytes)
    this.#creditBytes = pool.shareBytes + this.#borrowedBytes
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: (reason: unknown) => this.#cancel(reason),
      },
      // Nothing is taken before somebody reads.
      { highWaterMark: 0 },
    )
  }

  /** The credit that the other side begins with. */
  get initialCredit(): number {
    return this.#pool.shareBytes + this.#borrowedBytes
  }

  /** Bytes that arrived and were not taken. */
  get unreadBytes(): number {
    return this.#unread.bytes
  }

  /** Whether the end has come. */
  get hasEnded(): boolean {
    return this.#state !== 'open'
  }

  /** Whether nothing of it is left. */
  get isOver(): boolean {
    return this.#state === 'over'
  }

  /**
   * Takes bytes from the other side.
   *
   * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`: more than it may send, or after its end
   */
  push(bytes: Uint8Array): void {
    if (this.#state !== 'open') throw malformed('bytes came after the end of their channel')
    if (bytes.length > this.#creditBytes) throw malformed('more bytes came than there was credit for')
    this.#creditBytes -= bytes.length
    this.#unread.push(bytes)
    if (this.#isWanted) this.#pull()
  }

  /**
   * Takes the end from the other side.
   *
   * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`: it came before
   */
  end(): void {
    if (this.#state !== 'open') throw malformed('a channel ended twice')
    this.#state = 'ended'
    if (this.#unread.bytes === 0) this.#finish()
  }

  /** Credit to give back now; afterwards the other side has it. */
  takeCredit(): number {
    if (this.#state !== 'open') return 0
    const target = this.#target()
    const credit = target - this.#heldBytes()
    this.#creditBytes += credit
    return credit
  }

  /** Fails the reader. What has arrived up to an end stays readable, unless both ways were reset. */
  fail(error: Error, isReset: boolean): void {
    if (this.#state === 'over' || (this.#state === 'ended' && !isReset)) return
    this.#release()
    this.#controller?.error(error)
  }

  #pull(): void {
    const bytes = this.#unread.shift()
    this.#isWanted = bytes === undefined
    if (bytes === undefined) return
    assert(this.#controller !== undefined)
    this.#controller.enqueue(bytes)
    if (this.#state === 'ended' && this.#unread.bytes === 0) this.#finish()
    else if (this.#state === 'open' && this.#isCreditDue()) this.#ports.onCreditDue()
  }

  /** Half a window at a time: a frame of credit for every piece would cost more than it brings. */
  #isCreditDue(): boolean {
    const target = this.#target()
    return target - this.#heldBytes() >= Math.ceil(target / 2)
  }

  /** How much may be held; what others have given back makes it larger. */
  #target(): number {
    const { shareBytes, windowBytes } = this.#pool
    const lacking = windowBytes - shareBytes - this.#borrowedBytes
    if (lacking > 0) this.#borrowedBytes += this.#pool.borrow(lacking)
    return shareBytes + this.#borrowedBytes
  }

  #heldBytes(): number {
    return this.#creditBytes + this.#unread.bytes
  }

  #finish(): void {
    this.#release()
    this.#controller?.close()
    this.#ports.onDrained()
  }

  #cancel(reason: unknown): void {
    if (this.#state === 'over') return
    const hadEnded = this.#state === 'ended'
    this.#release()
    if (hadEnded) this.#ports.onDrained()
    else this.#ports.onCancelled(reason)
  }

  #release(): void {
    this.#state = 'over'
    this.#unread.clear()
    this.#pool.giveBack(this.#borrowedBytes)
    this.#borrowedBytes = 0
  }
}
