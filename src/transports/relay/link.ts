/**
 * One registration with one relay, from the client's side: dialling, asking, and then speaking through it until it ends.
 * A link lives once; whoever needs another makes another.
 */

import {
  type Channel,
  type ChannelOffer,
  type GossipError,
  type JsonValue,
  type Session,
  type System,
  TransportError,
} from '../../core/index.ts'
import { ByteBudget } from '../wire/index.ts'
import { encodeRelayHeader, parseRelayHeader } from './channel-header.ts'
import { FramedChannel } from './framed-channel.ts'
import { LaneQueue } from './lane-queue.ts'
import type { ResolvedRelayTransportOptions } from './options.ts'
import {
  encodeRelayFrame,
  FRAME_OVERHEAD_BYTES_MAX,
  PLAIN_FRAME_BYTES_MAX,
  type RelayClientFacts,
  type RelayFrame,
  type RelayList,
  type RelayMessage,
  relayMalformed,
} from './relay-frame.ts'

/** What a link asks of its transport. */
export interface RelayLinkPorts {
  readonly options: ResolvedRelayTransportOptions
  readonly system: System
  /** Dials the relay, or gives the session there is. */
  connect(signal: AbortSignal): Promise<Session>
  /** Who registers. */
  claim(): { readonly id: string; readonly generation: number }
  /** What this relay may be told as a token. */
  token(): string | undefined | Promise<string | undefined>
  /** A message came. `peer` is who it is from; the empty text is the relay's own node. */
  onMessage(link: RelayLink, message: RelayMessage): void
  /** A message to a peer went nowhere. */
  onUndelivered(link: RelayLink, peer: string, code: string): void
  /** A peer that this node was in contact with is gone. */
  onGone(link: RelayLink, peer: string): void
  /** A peer has opened a relayed session. */
  onPipe(link: RelayLink, channel: Channel, peer: string): void
  /** The registration has ended, once, and only if it was there. */
  onOver(link: RelayLink, error: GossipError): void
}

/** Why relays end registrations. */
const REASONS: ReadonlySet<string> = new Set([
  'GOSSIP_RELAY_MALFORMED',
  'GOSSIP_RELAY_REFUSED',
  'GOSSIP_RELAY_REPLACED',
])

/** Lists that are asked for at once. */
const LISTS_MAX = 64

interface Listing {
  readonly found: RelayClientFacts[]
  resolve(clients: RelayClientFacts[]): void
  reject(error: Error): void
}

/** A client's end of a registration. */
export class RelayLink {
  /** The relay's address. */
  readonly relay: JsonValue
  readonly #ports: RelayLinkPorts
  readonly #queue: LaneQueue
  readonly #words: Uint8Array[] = []
  readonly #controller = new AbortController()
  readonly #listings = new Map<number, Listing>()
  #lastNumber = 0
  #state: 'new' | 'opening' | 'open' | 'over' = 'new'
  #session: Session | undefined
  #channel: FramedChannel | undefined
  #hasNode = true
  #messageBytesMax: number
  #isGenerationDue = false
  #lastUsedMs: number
  #settle: ((outcome: GossipError | undefined) => void) | undefined

  constructor(relay: JsonValue, ports: RelayLinkPorts) {
    const { queueBytesMax, queueMessagesMax, messageBytesMax } = ports.options
    this.relay = relay
    this.#ports = ports
    this.#messageBytesMax = messageBytesMax
    this.#lastUsedMs = ports.system.now()
    this.#queue = new LaneQueue(
      { bytesMax: queueBytesMax, laneMessagesMax: queueMessagesMax },
      new ByteBudget(queueBytesMax),
    )
  }

  /** Whether messages go out. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Whether nothing more will come of it. */
  get isOver(): boolean {
    return this.#state === 'over'
  }

  /** The session with the relay, once it is there. */
  get session(): Session | undefined {
    return this.#session
  }

  /** Whether the relay's own node takes messages; taken for granted until it has said so. */
  get hasNode(): boolean {
    return this.#hasNode
  }

  /** Largest message that the relay passes on, bytes. */
  get messageBytesMax(): number {
    return this.#messageBytesMax
  }

  /** When something last went either way, ms of the system's clock. */
  get lastUsedMs(): number {
    return this.#lastUsedMs
  }

  /**
   * Registers.
   *
   * @throws {GossipError} as a rejection: the relay cannot be reached, or refuses
   */
  async open(): Promise<void> {
    this.#state = 'opening'
    const { options, system } = this.#ports
    const cancel = system.startTimer(() => {
      this.#abort(this.#error('GOSSIP_CONNECT_FAILED', `no answer within ${options.registerTimeoutMs} ms`))
    }, options.registerTimeoutMs)
    try {
      await this.#register()
    } catch (error) {
      const { reason } = this.#controller.signal as { reason?: unknown }
      const cause = this.#controller.signal.aborted ? reason : error
      this.#over('GOSSIP_RELAY_LOST')
      throw cause
    } finally {
      cancel()
    }
  }

  /**
   * Sends a message, now or when the registration is there.
   *
   * @returns false: there is no room for it
   */
  send(message: RelayMessage): boolean {
    if (this.#state === 'over') return false
    this.#lastUsedMs = this.#ports.system.now()
    const isKept = this.#queue.put({ lane: message.peer, slot: message.slot, bytes: encodeRelayFrame(message) })
    if (isKept) this.#channel?.wake()
    return isKept
  }

  /** The session is known before the registration: it turned out to be another link's. */
  noteSession(session: Session): void {
    this.#session = session
  }

  /** Tells the relay the present generation. */
  tellGeneration(): void {
    if (this.#state === 'open') this.#say({ kind: 'generation', generation: this.#ports.claim().generation })
    else this.#isGenerationDue = true
  }

  /**
   * Opens a channel to a client of the relay.
   *
   * @throws {TransportError} as a rejection: the relay refuses, or is gone
   */
  async openPipe(peer: string, signal: AbortSignal): Promise<Channel> {
    const session = this.#session
    if (session === undefined || this.#state !== 'open') {
      throw this.#error('GOSSIP_RELAY_LOST', 'there is no registration with the relay')
    }
    this.#lastUsedMs = this.#ports.system.now()
    return session.open(encodeRelayHeader({ kind: 'to', peer }), { signal })
  }

  /**
   * Everybody who is registered with the relay.
   *
   * @throws {TransportError} as a rejection: `GOSSIP_RELAY_LIST_REFUSED`, `GOSSIP_RELAY_LOST`, `GOSSIP_QUEUE_FULL`
   */
  listClients(): Promise<RelayClientFacts[]> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'open') {
        reject(this.#error('GOSSIP_RELAY_LOST', 'there is no registration with the relay'))
      } else if (this.#listings.size >= LISTS_MAX) {
        reject(this.#error('GOSSIP_QUEUE_FULL', `${LISTS_MAX} lists were asked for already`))
      } else {
        const number = ++this.#lastNumber
        this.#listings.set(number, { found: [], resolve, reject })
        this.#say({ kind: 'list', number, after: '' })
      }
    })
  }

  /** Ends the registration; nothing more is told. The session stays: others may use it. */
  close(): void {
    this.#abort(this.#error('GOSSIP_ABORTED', 'the registration was given up'))
    this.#over('GOSSIP_RELAY_LOST')
  }

  async #register(): Promise<void> {
    const { signal } = this.#controller
    const session = await this.#ports.connect(signal)
    this.#session = session
    // From here on the relay may pass on what peers open.
    session.on('channel', this.#onOffer)
    const token = await this.#ports.token()
    const { id, generation } = this.#ports.claim()
    const header = encodeRelayHeader({ kind: 'register', id, generation, token })
    const channel = await session.open(header, { signal }).catch((error: GossipError) => {
      const isRelay = error.code !== 'GOSSIP_CHANNEL_REFUSED'
      throw isRelay ? error : this.#error('GOSSIP_RELAY_REFUSED', 'the node at this address is no relay', error)
    })
    if (signal.aborted) channel.reset('GOSSIP_RELAY_LOST')
    const refusal = await this.#welcomed(channel)
    if (refusal !== undefined) throw refusal
    const isOutdated = this.#isGenerationDue && this.#ports.claim().generation !== generation
    if (isOutdated) this.tellGeneration()
  }

  /** Waits for the relay's first word. */
  #welcomed(channel: Channel): Promise<GossipError | undefined> {
    const { options, system } = this.#ports
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#channel = new FramedChannel(channel, {
        bodyBytesMax: Math.max(options.messageBytesMax + FRAME_OVERHEAD_BYTES_MAX, PLAIN_FRAME_BYTES_MAX),
        startTimer: (callback, delayMs) => system.startTimer(callback, delayMs),
        onFrame: (frame) => this.#onFrame(frame),
        next: () => this.#next(),
        onOver: (error) => this.#onChannelOver(error),
      })
      this.#channel.start()
    })
  }

  readonly #onOffer = (offer: ChannelOffer): void => {
    const header = parseRelayHeader(offer.header)
    if (header === undefined || header === 'malformed' || header.kind !== 'from' || this.#state !== 'open') return
    this.#lastUsedMs = this.#ports.system.now()
    this.#ports.onPipe(this, offer.accept(), header.peer)
  }

  #onFrame(frame: RelayFrame): void {
    if (this.#state === 'opening') {
      this.#onFirstWord(frame)
      return
    }
    switch (frame.kind) {
      case 'message':
        this.#lastUsedMs = this.#ports.system.now()
        this.#ports.onMessage(this, frame)
        return
      case 'undelivered':
        this.#ports.onUndelivered(this, frame.peer, frame.code)
        return
      case 'gone':
        this.#ports.onGone(this, frame.peer)
        return
      case 'clients':
        this.#onList(frame)
        return
      default:
        throw relayMalformed(`a relay says ${frame.kind}`)
    }
  }

  #onFirstWord(frame: RelayFrame): void {
    if (frame.kind === 'welcome') {
      this.#hasNode = frame.hasNode
      this.#messageBytesMax = Math.min(this.#messageBytesMax, frame.messageBytesMax)
      this.#state = 'open'
      this.#settle?.(undefined)
      this.#channel?.wake()
    } else if (frame.kind === 'refused') {
      this.#settle?.(this.#error(frame.code, `the relay refused the registration: ${frame.message}`))
    } else throw relayMalformed(`the first word of a relay was ${frame.kind}`)
  }

  #onList({ number, refused, clients, isLast }: RelayList): void {
    const listing = this.#listings.get(number)
    if (listing === undefined) throw relayMalformed('a list came that nobody asked for')
    listing.found.push(...clients)
    const after = clients.at(-1)?.id
    if (refused === undefined && !isLast && after !== undefined) {
      this.#say({ kind: 'list', number, after })
      return
    }
    this.#listings.delete(number)
    if (refused === undefined) listing.resolve(listing.found)
    else listing.reject(this.#error(refused, 'the relay does not tell who its clients are'))
  }

  #say(frame: RelayFrame): void {
    this.#words.push(encodeRelayFrame(frame))
    this.#channel?.wake()
  }

  /** Nothing is said before the welcome. */
  #next(): Uint8Array | undefined {
    return this.#state === 'open' ? (this.#words.shift() ?? this.#queue.shift()) : undefined
  }

  #onChannelOver(cause: Error | undefined): void {
    const wasOpen = this.#state === 'open'
    const { code = 'GOSSIP_RELAY_LOST', message = 'the relay ended it' } = (cause ?? {}) as Partial<GossipError>
    // What the relay says of itself is a reason of its own; what happened to the session is our loss of it.
    const isReason = REASONS.has(code)
    const problem = `the registration with the relay is lost: ${message}`
    const error = this.#error(isReason ? code : 'GOSSIP_RELAY_LOST', problem, cause)
    this.#over('GOSSIP_RELAY_LOST')
    this.#settle?.(error)
    if (wasOpen) this.#ports.onOver(this, error)
  }

  #abort(reason: GossipError): void {
    if (this.#state === 'over') return
    this.#controller.abort(reason)
    this.#settle?.(reason)
  }

  #over(code: string): void {
    if (this.#state === 'over') return
    const wasOpen = this.#state === 'open'
    this.#state = 'over'
    this.#session?.off('channel', this.#onOffer)
    this.#queue.clear()
    for (const listing of this.#listings.values()) {
      listing.reject(this.#error('GOSSIP_RELAY_LOST', 'the registration with the relay ended'))
    }
    this.#listings.clear()
    if (wasOpen) this.#channel?.end()
    else this.#channel?.reset(code)
  }

  #error(code: string, problem: string, cause?: unknown): TransportError {
    const peer = { id: this.#session?.remote.id, transport: this.relay }
    return new TransportError(code, problem, { peer, direction: 'outbound', cause })
  }
}
