/**
 * Messages that outlive their sender: each is kept until the other side has handled it, in this life or a later one, and
 * is sent again until then. In order for each peer, at least once to the handler; and once, as long as both sides keep
 * their storage and the receiver is not killed between the end of its handler and the writing down of it.
 */

import { type GossipError, looseOptions, type PeerView, SafeEmitter, type Session } from '../../core/index.ts'
import { abortedError } from '../deadline.ts'
import { MessagingError } from '../errors.ts'
import { assertName } from '../handler.ts'
import { encodePayload } from '../payload.ts'
import type { WebMessenger } from '../web-messenger.ts'
import { Deliveries } from './deliveries.ts'
import { DELIVER, OUTBOX_AREA } from './delivery.ts'
import { OutboxError } from './errors.ts'
import { Expiries } from './expiries.ts'
import { Inbox, type OutboxHandler } from './inbox.ts'
import { Ledger } from './ledger.ts'
import { Letter, type OutboxMessage, type OutboxReceipt, Outcome } from './letter.ts'
import { Letters } from './letters.ts'
import {
  type EmitOptions,
  expiryOption,
  type OutboxOptions,
  type ResolvedOutboxOptions,
  resolveOutboxOptions,
} from './options.ts'
import type { OutboxEvents } from './outbox-events.ts'
import { Watermarks } from './watermarks.ts'

/** Which messages are meant. */
export interface OutboxFilter {
  /** Only those for this peer. */
  readonly peer?: string | undefined
}

/** Gauges of an outbox. */
export interface OutboxStats {
  /** Messages, the undeliverable ones included. */
  readonly messages: number
  /** Messages that are kept and not tried any more. */
  readonly undeliverable: number
  /** What all messages count for. */
  readonly bytes: number
  /** Senders of which is remembered what was handled. */
  readonly senders: number
}

/**
 * The outbox of one messenger, and its receiving side. Give names their handlers, then `open` it; close it before the
 * messenger.
 *
 * @throws {InvalidOptionError} the constructor, for an option that is unknown, missing or out of range
 * @throws {MessagingError} the constructor, `GOSSIP_HANDLER_TAKEN`: the messenger has an outbox already
 */
export class Outbox implements AsyncDisposable {
  readonly #messenger: WebMessenger
  readonly #options: ResolvedOutboxOptions
  readonly #letters: Letters
  readonly #ledger: Ledger
  readonly #inbox: Inbox
  readonly #deliveries: Deliveries
  readonly #watermarks: Watermarks
  readonly #expiries: Expiries
  readonly #emitter: SafeEmitter<OutboxEvents>
  readonly #removeHandler: () => void
  /** The name of this life. No other one has it, whatever becomes of clocks and disks. */
  readonly #stream: string
  #lastNumber = 0
  #isOpen = false
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  readonly #onLive = (peer: PeerView): void => this.#deliveries.seen(peer.id)
  readonly #onConnect = (session: Session): void => this.#deliveries.seen(session.remote.id)

  constructor(messenger: WebMessenger, options: OutboxOptions) {
    this.#options = resolveOutboxOptions(options)
    this.#messenger = messenger
    const { system } = this.#options
    const tellError = (error: GossipError): void => messenger.tellError(error)
    this.#stream = Array.from({ length: 2 }, () => Math.floor(system.random() * 2 ** 48).toString(36)).join('')
    this.#emitter = new SafeEmitter(tellError)
    this.#letters = new Letters(this.#options)
    this.#watermarks = new Watermarks(this.#options.sendersMax)
    const parts = { options: this.#options, letters: this.#letters, watermarks: this.#watermarks, tellError }
    this.#ledger = new Ledger({ ...parts, id: messenger.id })
    this.#inbox = new Inbox({ ...parts, ledger: this.#ledger })
    this.#expiries = new Expiries(system, () => this.#expire())
    const area = messenger.area(OUTBOX_AREA)
    this.#deliveries = new Deliveries({
      ...parts,
      area,
      onDelivered: (letter) => this.#onDelivered(letter),
      onRefused: (letter) => this.#ledger.markLetter(letter),
      onGivenUp: (letter, cause) => this.#onGivenUp(letter, cause),
    })
    this.#removeHandler = area.handle(DELIVER, (payload, context) => this.#inbox.take(payload, context))
  }

  /** Gauges. O(1). */
  get stats(): OutboxStats {
    const { count, undeliverable, bytes } = this.#letters
    return { messages: count, undeliverable, bytes, senders: this.#watermarks.size }
  }

  /**
   * Loads what former lives left, and begins to send and to take messages.
   *
   * @throws {GossipError} as a rejection: what the storage rejects with; nothing was changed
   */
  open(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /**
   * Takes a message for a peer, known or not. It is sent when the peer can be reached, after all that was taken for it
   * before, and again until it is acknowledged.
   *
   * @param payload - JSON, a `Uint8Array` or nothing
   * @returns resolves when the message is durable, by the policy of the storage
   * @throws {OutboxError} as a rejection: `GOSSIP_OUTBOX_FULL`, `GOSSIP_OUTBOX_CLOSED`
   * @throws {GossipError} as a rejection: `GOSSIP_PAYLOAD_TOO_LARGE`; `GOSSIP_STORAGE_FAILED`, and then it is not sent, unless
   *   the process ends before the storage works again; `GOSSIP_ABORTED`, the signal was raised
   */
  async emit(peerId: string, name: string, payload?: unknown, options: EmitOptions = {}): Promise<OutboxReceipt> {
    looseOptions(options, 'options', ['id', 'expiresAfterMs', 'signal'])
    const { id = `${this.#stream}-${this.#lastNumber + 1}`, signal } = options
    assertName('peerId', peerId)
    assertName('name', name)
    assertName('id', id)
    const expiresAfterMs = expiryOption(options.expiresAfterMs) ?? this.#options.expiresAfterMs
    this.#assertOpen()
    if (signal?.aborted === true) throw abortedError(signal.reason)
    const present = this.#letters.find(peerId, id)
    const letter = present ?? this.#take(peerId, id, name, payload, expiresAfterMs)
    const onAbort = (): void => {
      if (!letter.isDurable) this.#discard(letter, abortedError(signal?.reason))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await letter.durable.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    return letter.receipt()
  }

  /**
   * Handles what others emit under a name. The messages of one sender come one after the other, in order.
   *
   * @returns takes the handler away again
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`
   * @throws {InvalidOptionError} not a name of 1 to 256 bytes, or not a function
   */
  handle(name: string, handler: OutboxHandler): () => void {
    return this.#inbox.handle(name, handler)
  }

  /** What is not delivered yet: for each peer in order, then what is undeliverable. O(messages). */
  messages(filter: OutboxFilter = {}): readonly OutboxMessage[] {
    looseOptions(filter, 'filter', ['peer'])
    return this.#letters.list(filter.peer).map((letter) => letter.view())
  }

  /**
   * Tries a message again that was undeliverable: behind all that waits, until it expires.
   *
   * @returns undefined when there is none. `delivered` also rejects when the disk does not take it: then it is undeliverable as
   *   before
   * @throws {OutboxError} `GOSSIP_OUTBOX_CLOSED`
   */
  retry(peerId: string, id: string): OutboxReceipt | undefined {
    this.#assertOpen()
    const letter = this.#letters.find(peerId, id)
    if (letter?.isUndeliverable !== true) return undefined
    this.#letters.remove(letter)
    letter.isUndeliverable = false
    letter.attempts = 0
    letter.stream = this.#stream
    letter.number = ++this.#lastNumber
    letter.delivered = new Outcome()
    // Its number has to outlive this process: under another one, what was handled would be handled again.
    letter.isDurable = false
    this.#letters.add(letter)
    this.#save(letter, (error) => this.#shelve(letter, error))
    return letter.receipt()
  }

  /**
   * Takes a message back, undeliverable or not. One that is under way may be handled all the same.
   *
   * @returns whether there was one; resolves when no later life will send it
   * @throws {OutboxError} as a rejection: `GOSSIP_OUTBOX_CLOSED`
   * @throws {GossipError} as a rejection, `GOSSIP_STORAGE_FAILED`: a later life may send it, if this one ends now
   */
  async withdraw(peerId: string, id: string): Promise<boolean> {
    this.#assertOpen()
    const letter = this.#letters.find(peerId, id)
    if (letter === undefined) return false
    this.#discard(letter, new OutboxError('GOSSIP_OUTBOX_WITHDRAWN', `${id} was withdrawn`, { peer: peerId, id }))
    await this.#ledger.flushed()
    return true
  }

  on<E extends keyof OutboxEvents>(event: E, listener: OutboxEvents[E]): this {
    this.#emitter.on(event, listener)
    return this
  }

  off<E extends keyof OutboxEvents>(event: E, listener: OutboxEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  /**
   * Gives up what is under way, waits for handlers that are running, and releases the storage. What was not delivered is
   * for the next life. May be called again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #open(): Promise<void> {
    this.#lastNumber = await this.#ledger.open()
    // Whoever closes it meanwhile waits for this.
    if (this.#closing !== undefined) throw closedError()
    this.#isOpen = true
    this.#inbox.open()
    this.#messenger.on('connect', this.#onConnect)
    this.#messenger.node.on('peer live', this.#onLive)
    this.#expire()
    for (const peer of this.#letters.peers) this.#deliveries.nudge(peer)
  }

  async #close(): Promise<void> {
    const reason = closedError()
    this.#removeHandler()
    await this.#opening?.catch(() => {}) // Whoever called `open` was told.
    this.#isOpen = false
    this.#messenger.off('connect', this.#onConnect)
    this.#messenger.node.off('peer live', this.#onLive)
    this.#expiries.stop()
    this.#deliveries.stop(reason)
    await this.#inbox.close()
    await this.#ledger.close(reason)
    for (const letter of this.#letters.list()) letter.delivered.reject(reason)
  }

  #take(peer: string, id: string, name: string, payload: unknown, expiresAfterMs: number): Letter {
    const { messageBytesMax, system } = this.#options
    const body = encodePayload(payload)
    const expiresAt = system.now() + expiresAfterMs
    const letter = new Letter({ peer, id, name, body, expiresAt, stream: this.#stream, number: this.#lastNumber + 1 })
    if (body.length > messageBytesMax || !this.#ledger.canKeep(letter)) {
      const problem = `a message of ${body.length} bytes exceeds messageBytesMax, or what the storage can keep`
      throw new MessagingError('GOSSIP_PAYLOAD_TOO_LARGE', problem, { peer })
    }
    this.#letters.assertRoom(letter)
    this.#lastNumber++
    this.#letters.add(letter)
    this.#expiries.expect(expiresAt)
    this.#save(letter, (error) => this.#discard(letter, error))
    return letter
  }

  /** Sends a letter as soon as it is durable. */
  #save(letter: Letter, onFailure: (error: Error) => void): void {
    this.#ledger.markLetter(letter)
    this.#ledger.flushed().then(() => {
      letter.isDurable = true
      letter.durable.resolve()
      this.#deliveries.nudge(letter.peer)
    }, onFailure)
  }

  /** It is kept and not tried any more, and whoever waits for it is told why. */
  #shelve(letter: Letter, error: Error): void {
    if (!this.#remove(letter)) return
    letter.isUndeliverable = true
    this.#letters.add(letter)
    letter.delivered.reject(error)
    this.#deliveries.nudge(letter.peer)
  }

  /** It is not sent any more, and whoever waits for it is told why. */
  #discard(letter: Letter, error: Error): void {
    if (!this.#remove(letter)) return
    letter.durable.reject(error)
    letter.delivered.reject(error)
    // It may have held up the next one.
    this.#deliveries.nudge(letter.peer)
  }

  #remove(letter: Letter): boolean {
    if (!this.#letters.remove(letter)) return false
    this.#ledger.markLetter(letter)
    return true
  }

  #onDelivered(letter: Letter): void {
    this.#remove(letter)
    letter.delivered.resolve()
    this.#emitter.emit('delivered', letter.view())
  }

  #onGivenUp(letter: Letter, cause: Error): void {
    const { peer, id, name } = letter
    const problem = `${JSON.stringify(name)} for ${peer} is undeliverable: ${cause.message}`
    const error = new OutboxError('GOSSIP_OUTBOX_UNDELIVERABLE', problem, { peer, id, cause })
    if (this.#options.undeliverable === 'keep') this.#shelve(letter, error)
    else this.#discard(letter, error)
    letter.isUndeliverable = true
    this.#emitter.emit('undeliverable', letter.view(), error)
  }

  #expire(): void {
    const now = this.#options.system.now()
    for (const letter of this.#letters.list()) {
      // What is under way may be acknowledged in a moment; it is looked at again when that is over.
      if (letter.expiresAt > now || letter.isUnderWay)
        this.#expiries.expect(Math.max(letter.expiresAt, now + UNDER_WAY_MS))
      else this.#onExpired(letter)
    }
  }

  #onExpired(letter: Letter): void {
    const { peer, id, name } = letter
    const problem = `${JSON.stringify(name)} for ${peer} was not acknowledged in time`
    const error = new OutboxError('GOSSIP_OUTBOX_EXPIRED', problem, { peer, id })
    this.#discard(letter, error)
    this.#emitter.emit('expired', letter.view(), error)
  }

  #assertOpen(): void {
    if (!this.#isOpen || this.#closing !== undefined) throw closedError()
  }
}

/** Time after which a letter that expired while it was under way is looked at again, ms. */
const UNDER_WAY_MS = 100

function closedError(): OutboxError {
  return new OutboxError('GOSSIP_OUTBOX_CLOSED', 'this outbox is not open, or was closed')
}
