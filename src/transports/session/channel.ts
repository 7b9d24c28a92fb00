/** One channel of a session: two ways of bytes that begin together, end each by itself, and fail together. */

import { type Channel, type GossipError, InvalidOptionError, type JsonValue, TransportError } from '../../core/index.ts'
import type { CreditPool } from './credit-pool.ts'
import { encodeCredit, encodeReason, isCode, KIND, type Kind, type Reason } from './frame.ts'
import { InboundHalf } from './inbound-half.ts'
import { OutboundHalf } from './outbound-half.ts'

/** What a channel asks of its session. */
export interface ChannelPorts {
  /** Sends a frame about this channel. */
  send(kind: Kind, payload?: Uint8Array): void
  /** It has bytes, an end or credit to send, and waits for its turn. */
  onReady(channel: MuxChannel): void
  /** Nothing of it is left. */
  onOver(channel: MuxChannel): void
}

/** The code of streams that were reset and nobody said why. */
export const RESET_CODE = 'GOSSIP_CHANNEL_RESET'

/** A channel that both sides agreed on. */
export class MuxChannel implements Channel {
  readonly id: number
  readonly header: JsonValue
  readonly #ports: ChannelPorts
  readonly #inbound: InboundHalf
  readonly #outbound: OutboundHalf
  #isCreditDue = false
  #isOver = false

  /** @param header - what it is for, shared with nobody */
  constructor(id: number, header: JsonValue, pool: CreditPool, ports: ChannelPorts) {
    this.id = id
    this.header = header
    this.#ports = ports
    this.#inbound = new InboundHalf(pool, {
      onCreditDue: () => {
        this.#isCreditDue = true
        ports.onReady(this)
      },
      onCancelled: (reason) => this.reset(codeOf(reason)),
      onDrained: () => this.#endIfOver(),
    })
    this.#outbound = new OutboundHalf({
      onReady: () => ports.onReady(this),
      onAborted: (reason) => this.reset(codeOf(reason)),
    })
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#inbound.stream
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#outbound.stream
  }

  /** Bytes that arrived and were not read. */
  get unreadBytes(): number {
    return this.#inbound.unreadBytes
  }

  /** The credit that the other side begins with. */
  get initialCredit(): number {
    return this.#inbound.initialCredit
  }

  /**
   * Ends both ways at once. Nothing happens if it is over.
   *
   * @param code - with this code the streams of both sides fail
   * @throws {InvalidOptionError} not of the form of a code
   */
  reset(code: string): void {
    if (!isCode(code)) throw new InvalidOptionError('code', 'capitals as in ACME_STREAM_REFUSED, at most 64', code)
    if (this.#isOver) return
    this.#ports.send(KIND.reset, encodeReason({ code, message: '' }))
    this.#over(new TransportError(code, 'the channel was reset', { direction: 'outbound' }), true)
  }

  /** Takes a reset of the other side. */
  onReset({ code, message }: Reason): void {
    const problem = message === '' ? 'the other side reset the channel' : message
    this.#over(new TransportError(code, problem, { direction: 'inbound' }), true)
  }

  /** Takes bytes of the other side. */
  onData(bytes: Uint8Array): void {
    this.#inbound.push(bytes)
  }

  /** Takes the end of the other side. */
  onEnd(): void {
    this.#inbound.end()
    this.#endIfOver()
  }

  /** Takes credit of the other side. */
  onCredit(bytes: number): void {
    this.#outbound.addCredit(bytes)
  }

  /** The session is over. What has arrived up to an end stays readable. */
  fail(error: GossipError): void {
    this.#over(error, false)
  }

  /** Credit to be given back, as a payload; undefined if there is none. */
  takeCredit(): Uint8Array | undefined {
    if (!this.#isCreditDue) return undefined
    this.#isCreditDue = false
    const credit = this.#inbound.takeCredit()
    return credit > 0 ? encodeCredit(credit) : undefined
  }

  /** What is to be sent next, see {@link OutboundHalf.next}. */
  next(): Uint8Array | 'end' | undefined {
    const next = this.#outbound.next()
    if (next === 'end') this.#endIfOver()
    return next
  }

  /** Whether `next` has something to send. */
  get isReady(): boolean {
    return !this.#isOver && this.#outbound.isReady
  }

  #endIfOver(): void {
    if (this.#isOver || !this.#inbound.isOver || !this.#outbound.isOver) return
    this.#isOver = true
    this.#ports.onOver(this)
  }

  #over(error: GossipError, isReset: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#inbound.fail(error, isReset)
    this.#outbound.fail(error)
    this.#ports.onOver(this)
  }
}

/** A reason of the user's says its code where it has one. */
function codeOf(reason: unknown): string {
  const { code } = Object(reason) as { code?: unknown }
  return isCode(code) ? code : RESET_CODE
}
