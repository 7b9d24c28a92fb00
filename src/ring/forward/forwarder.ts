/**
 * Requests to whoever owns a key. On the asking side it finds the owner and follows it when it changes; on the owner's side
 * it hands out what is this node's to answer, and refuses the rest. Types are all it takes from messaging, so that whoever
 * uses a ring alone loads no messenger.
 */

import { InvalidOptionError, isName } from '../../core/index.ts'
import type { LibraryArea, MessageContext, Payload } from '../../messaging/index.ts'
import type { Ring } from '../ring.ts'
import { decodeQuestion, decodeReply, encodeQuestion, encodeReply, type Key, type Reply } from './envelope.ts'
import { Errand } from './errand.ts'
import { ForwardError } from './errors.ts'
import {
  type ForwarderOptions,
  type ForwardMessenger,
  type ForwardRequestOptions,
  type ForwardSendOptions,
  messengerOption,
  type ResolvedForwarderOptions,
  type ResolvedForwardRequest,
  resolveForwarderOptions,
  resolveRequest,
  resolveSend,
  ringOption,
  TIME_MS_MAX,
} from './options.ts'

/** What a handler is told about a request. */
export interface ForwardContext extends MessageContext {
  /** What this node was asked for as its owner. */
  readonly key: Key
}

/** Handles requests and sends for keys of this node; answers and fails as handlers of a messenger do. */
export type ForwardHandler = (payload: Payload, context: ForwardContext) => unknown

/** Figures of a forwarder. */
export interface ForwarderStats {
  /** Requests and sends of this side that are under way. */
  readonly pending: number
  /** What others asked for keys that are not this node's. */
  readonly refusals: number
  /** What others sent that cannot be read. */
  readonly malformed: number
}

/** The module's name among those that are built on messengers. */
const AREA = 'ring'

/**
 * Forwards to the owners of keys, this node included, and serves as one. Every node that may own keys makes one, before it
 * is started; close it with the messenger.
 *
 * @throws {InvalidOptionError} the constructor, for an option that is unknown or out of range
 * @throws {MessagingError} the constructor, `GOSSIP_HANDLER_TAKEN`: the messenger has a forwarder of that name
 */
export class Forwarder {
  readonly #ring: Ring
  readonly #messenger: ForwardMessenger
  readonly #area: LibraryArea
  readonly #options: ResolvedForwarderOptions
  readonly #handlers = new Map<string, ForwardHandler>()
  readonly #errands = new Set<Errand>()
  readonly #removeHandler: () => void
  readonly #onMembers = (): void => {
    for (const errand of [...this.#errands]) errand.onRingChange()
  }
  #refusals = 0
  #malformed = 0
  #isClosed = false

  constructor(ring: Ring, messenger: ForwardMessenger, options?: ForwarderOptions) {
    this.#options = resolveForwarderOptions(options)
    this.#ring = ringOption(ring)
    this.#messenger = messengerOption(messenger)
    this.#area = this.#messenger.area(AREA)
    this.#removeHandler = this.#area.handle(this.#options.name, (payload, context) => this.#serve(payload, context))
    ring.on('members', this.#onMembers)
  }

  /** Figures at this moment. */
  get stats(): ForwarderStats {
    return { pending: this.#errands.size, refusals: this.#refusals, malformed: this.#malformed }
  }

  /**
   * Handles what is asked under a name for keys of this node. Whoever asks for another's is refused before the handler.
   *
   * @returns takes the handler away again
   * @throws {ForwardError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_FORWARDER_CLOSED`
   * @throws {InvalidOptionError} not a name of 1 to 256 bytes, or not a function
   */
  handle(name: string, handler: ForwardHandler): () => void {
    this.#assertOpen()
    assertName(name)
    if (typeof handler !== 'function') throw new InvalidOptionError('handler', 'a function', handler)
    const taken = `${JSON.stringify(name)} has a handler already`
    if (this.#handlers.has(name)) throw new ForwardError('GOSSIP_HANDLER_TAKEN', taken)
    if (this.#handlers.size >= this.#options.handlersMax) {
      throw new ForwardError('GOSSIP_HANDLER_LIMIT', `${this.#handlers.size} names have handlers already`)
    }
    this.#handlers.set(name, handler)
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name)
    }
  }

  /**
   * Asks the owner of a key. Whoever is not reached, or refuses because it does not own the key, is followed by the next
   * owner, at once or when views may have met. By default it is carried out at most once; see `retry`.
   *
   * @param key - as for `Ring.ownerOf`
   * @param payload - JSON, a `Uint8Array` or nothing
   * @throws {RemoteError} as a rejection: the owner's handler threw; its code and message
   * @throws {ForwardError} as a rejection: `GOSSIP_NOT_OWNER`, `GOSSIP_REQUEST_TIMEOUT`, `GOSSIP_REQUEST_LIMIT`,
   *   `GOSSIP_FORWARD_MALFORMED`, `GOSSIP_FORWARDER_CLOSED`; `isUndone` says whether anybody can have carried it out
   * @throws {RingEmptyError} as a rejection: the ring has ended, or there was nobody in it
   * @throws {GossipError} as a rejection: `GOSSIP_ABORTED`; or what the last attempt failed with, as `Messenger.request`
   */
  async request(key: Key, name: string, payload?: unknown, options?: ForwardRequestOptions): Promise<Payload> {
    const request = resolveRequest(options, this.#options)
    const bytes = this.#question(key, name, payload, request)
    const body = await this.#run(key, request, async (peer, signal) => {
      // The errand's own deadline comes first, or at least not later.
      const reply = decodeReply(
        await this.#area.request(peer, this.#options.name, bytes, { signal, timeoutMs: TIME_MS_MAX }),
      )
      if (reply === undefined) throw this.#malformedError(peer)
      return reply
    })
    const read = this.#area.decode(body)
    if (read === undefined) throw this.#malformedError(undefined)
    return read.payload
  }

  /**
   * Tells the owner of a key something, once, if the session holds. Nobody answers: what the receiver does not own any more
   * is an `error` of its messenger.
   *
   * @returns resolves when a session with the owner has taken it
   * @throws {GossipError} as a rejection, as `request` does, but for answers
   */
  async send(key: Key, name: string, payload?: unknown, options?: ForwardSendOptions): Promise<void> {
    const request = resolveSend(options, this.#options)
    const bytes = this.#question(key, name, payload, request)
    await this.#run(key, request, async (peer, signal) => {
      await this.#area.send(peer, this.#options.name, bytes, { signal })
      return { kind: 'done', body: bytes }
    })
  }

  /** Serves nobody from now on; what is under way fails with `GOSSIP_FORWARDER_CLOSED`. May be called again. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#ring.off('members', this.#onMembers)
    this.#removeHandler()
    for (const errand of [...this.#errands]) errand.fail(this.#closedError())
  }

  #question(key: Key, name: string, payload: unknown, { isForAny }: ResolvedForwardRequest): Uint8Array {
    this.#assertOpen()
    assertName(name)
    this.#ring.isOwner(key) // Throws where it is no key.
    if (this.#errands.size >= this.#options.requestsMax) {
      throw new ForwardError('GOSSIP_REQUEST_LIMIT', `${this.#errands.size} requests are being forwarded already`)
    }
    return encodeQuestion({ key, name, isForAny, body: this.#area.encode(payload) })
  }

  #run(
    key: Key,
    request: ResolvedForwardRequest,
    ask: (peer: string, signal: AbortSignal) => Promise<Reply>,
  ): Promise<Uint8Array> {
    // A key of bytes is the caller's to change.
    const ownKey = typeof key === 'string' ? key : key.slice()
    const { system, retryAfterMs, retryAfterMsMax } = this.#options
    let isOver = false
    const errand = new Errand(request, {
      system,
      retryAfterMs,
      retryAfterMsMax,
      owners: () => this.#owners(ownKey, request.isForAny),
      reach: (peer, signal) => this.#area.reach(peer, { signal, timeoutMs: TIME_MS_MAX }),
      ask,
      onOver: (over) => {
        isOver = true
        this.#errands.delete(over)
      },
    })
    // It may have ended where it began: by a signal that was raised before.
    if (!isOver) this.#errands.add(errand)
    return errand.answer
  }

  #owners(key: Key, isForAny: boolean): readonly string[] {
    const first = this.#ring.ownerOf(key)
    if (!isForAny) return [first.peer.id]
    const owners = this.#ring.ownersOf(key)
    return [...owners.filter(({ isSelf }) => isSelf), ...owners.filter(({ isSelf }) => !isSelf)].map(
      ({ peer }) => peer.id,
    )
  }

  /** What another node asks, or this one itself: answered or refused, and never passed on. */
  async #serve(payload: Payload, context: MessageContext): Promise<Uint8Array> {
    const question = decodeQuestion(payload)
    const read = question && this.#area.decode(question.body)
    const isOurs = question && this.#isOurs(question.key, question.isForAny)
    if (question === undefined || read === undefined || isOurs === undefined) {
      const error = this.#malformedError(context.from)
      void context.session?.close(error.message)
      throw error
    }
    const { key, name } = question
    if (!isOurs) return this.#refuse(key, context)
    const handler = this.#handlers.get(name)
    if (handler === undefined) {
      throw new ForwardError('GOSSIP_HANDLER_UNKNOWN', `no owner's handler for ${JSON.stringify(name)} here`)
    }
    const answer = await handler(read.payload, { ...context, key })
    return encodeReply({ kind: 'done', body: this.#area.encode(answer) })
  }

  #refuse(key: Key, { way, from }: MessageContext): Uint8Array {
    this.#refusals++
    const owner = this.#ring.ownersOf(key, 1)[0]?.peer.id
    if (way === 'request') return encodeReply({ kind: 'refused', owner })
    throw new ForwardError('GOSSIP_NOT_OWNER', `${from} sent for a key that is not this node's`, { peer: from, owner })
  }

  /** Undefined: it is no key. */
  #isOurs(key: Key, isForAny: boolean): boolean | undefined {
    try {
      return isForAny ? this.#ring.isResponsibleFor(key) : this.#ring.isOwner(key)
    } catch {
      return undefined
    }
  }

  #malformedError(peer: string | undefined): ForwardError {
    this.#malformed++
    const error = new ForwardError('GOSSIP_FORWARD_MALFORMED', 'a forwarded message that cannot be read', {
      peer,
      isUndone: false,
    })
    this.#messenger.tellError(error)
    return error
  }

  #assertOpen(): void {
    if (this.#isClosed) throw this.#closedError()
  }

  #closedError(): ForwardError {
    return new ForwardError('GOSSIP_FORWARDER_CLOSED', 'this forwarder is closed', {
      isUndone: this.#errands.size === 0,
    })
  }
}

function assertName(name: unknown): asserts name is string {
  if (!isName(name)) throw new InvalidOptionError('name', 'a text of 1 to 256 bytes', name)
}
