/**
 * A relay: a node that others can dial, where those who cannot be dialled register under their id, and that passes on
 * what they and everybody registered send to each other. It never looks into what it passes on, and names the sender
 * itself, so that nobody speaks under another's id through it.
 */

import {
  type ChannelOffer,
  type GossipError,
  InvalidOptionError,
  runtimeSystem,
  SafeEmitter,
  type Session,
  type System,
  type Transport,
  TransportError,
} from '../../core/index.ts'
import { ByteBudget } from '../wire/index.ts'
import { Admission } from './admission.ts'
import { encodeRelayHeader, parseRelayHeader } from './channel-header.ts'
import { type Registration, RelayClient, type RelayClientInfo, type RelayClientPorts } from './client.ts'
import {
  codeOf,
  LISTED_MAX,
  type RelayClientFacts,
  type RelayFrame,
  type RelayMessage,
  relayMalformed,
} from './relay-frame.ts'
import {
  type RelayServerOptions,
  type ResolvedRelayServerOptions,
  resolveRelayServerOptions,
} from './server-options.ts'
import { splice } from './splice.ts'

/** What a relay tells. Listeners run synchronously. */
export interface RelayServerEvents {
  /** Somebody has registered. */
  client: (client: RelayClientInfo) => void
  /** A registration has ended: on purpose, or with the error that ended it. */
  'client gone': (client: RelayClientInfo, error: Error | undefined) => void
  /** Trouble with a client, or with what somebody wanted to register as. */
  error: (error: Error) => void
}

/** The relay's own node, where it is to be spoken to through the relay like a client. */
export interface RelayedNode {
  /** A message of a client's. */
  onMessage(message: RelayMessage): void
  /** A client it was in contact with is gone. */
  onGone(clientId: string): void
}

/** The lane, and the name in partners, of the relay's own node: no id is empty. */
const OWN_NODE = ''

/** Serves clients on the sessions of a transport. */
export class RelayServer {
  readonly #options: ResolvedRelayServerOptions
  readonly #system: System
  readonly #transport: Transport
  readonly #node: RelayedNode | undefined
  readonly #emitter = new SafeEmitter<RelayServerEvents>((error) => void this.#emitter.emit('error', error))
  readonly #admission: Admission
  readonly #budget: ByteBudget
  readonly #clients = new Map<string, RelayClient>()
  readonly #bySession = new WeakMap<Session, RelayClient>()
  #isClosed = false

  /**
   * @param transport - one with sessions; it stays its owner's to open and close
   * @param system - time and timers
   * @param node - the relay's own node; left out, messages to it are undelivered
   * @throws {InvalidOptionError} an option is unknown or out of range, or the transport has no sessions
   */
  constructor(transport: Transport, options?: RelayServerOptions, system: System = runtimeSystem, node?: RelayedNode) {
    if (typeof (Object(transport) as Transport).connect !== 'function') {
      throw new InvalidOptionError('transport', 'a transport with sessions', transport)
    }
    this.#options = resolveRelayServerOptions(options, 'server')
    this.#system = system
    this.#transport = transport
    this.#node = node
    this.#budget = new ByteBudget(this.#options.outboundBytesMax)
    this.#admission = new Admission(this.#options, system)
    transport.on('session', this.#onSession)
  }

  on<E extends keyof RelayServerEvents>(event: E, listener: RelayServerEvents[E]): this {
    this.#emitter.on(event, listener)
    return this
  }

  off<E extends keyof RelayServerEvents>(event: E, listener: RelayServerEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  /** Everybody who is registered now, in the order of registration. */
  clients(): RelayClientInfo[] {
    return Array.from(this.#clients.values(), ({ info }) => info)
  }

  /** Everybody who is registered now, as clients are told, in the order of ids. */
  list(): RelayClientFacts[] {
    const nowMs = this.#system.now()
    const facts = Array.from(this.#clients.values(), ({ info: { id, generation, sinceMs } }) => {
      return Object.freeze({ id, generation, ageMs: Math.max(0, Math.round(nowMs - sinceMs)) })
    })
    return facts.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Whether somebody is registered under this id. */
  has(id: string): boolean {
    return this.#clients.has(id)
  }

  /**
   * Sends a message of the relay's own node to a client.
   *
   * @param message - `peer` is the client
   * @returns false: nobody is registered under this id
   */
  sendToClient(message: RelayMessage): boolean {
    const client = this.#clients.get(message.peer)
    if (client === undefined) return false
    client.notePartner(OWN_NODE)
    client.deliver({ ...message, peer: OWN_NODE })
    return true
  }

  /** Ends a registration; the client may register again. */
  dismiss(id: string): void {
    const client = this.#clients.get(id)
    if (client !== undefined) this.#remove(client, relayError('GOSSIP_RELAY_REFUSED', 'the relay dismissed it', client))
  }

  /** Ends every registration, and takes no more. */
  close(): void {
    this.#isClosed = true
    this.#transport.off('session', this.#onSession)
    for (const client of [...this.#clients.values()]) {
      this.#remove(client, relayError('GOSSIP_RELAY_LOST', 'the relay is closed', client))
    }
  }

  readonly #onSession = (session: Session): void => {
    session.on('channel', (offer) => this.#onOffer(session, offer))
  }

  #onOffer(session: Session, offer: ChannelOffer): void {
    const header = parseRelayHeader(offer.header)
    if (header === undefined || this.#isClosed) return
    if (header === 'malformed') offer.refuse('GOSSIP_RELAY_MALFORMED', 'the header of the channel cannot be read')
    else if (header.kind === 'to') this.#join(session, offer, header.peer)
    else if (header.kind === 'register') {
      const claim = {
        id: header.id,
        generation: header.generation,
        token: header.token,
        authenticated: session.authenticated,
        remote: session.remote,
      }
      void this.#admission.decide(claim, offer, (channel, refusal) => {
        if (refusal !== undefined) this.#tell(refusal)
        return refusal ?? this.#register({ ...claim, session, channel })
      })
    }
  }

  get #clientPorts(): RelayClientPorts {
    return {
      options: this.#options,
      system: this.#system,
      budget: this.#budget,
      onFrame: (client, frame) => this.#onFrame(client, frame),
      onOver: (client, error) => this.#forget(client, error),
    }
  }

  /** @returns why not */
  #register(facts: Registration): GossipError | undefined {
    const rival = this.#clients.get(facts.id)
    if (this.#isClosed) return relayError('GOSSIP_RELAY_REFUSED', 'the relay is closed', facts)
    if (rival !== undefined && !this.#mayReplace(rival, facts)) {
      const problem = `${JSON.stringify(facts.id)} is registered already, with generation ${rival.generation}`
      return this.#told(relayError('GOSSIP_RELAY_DUPLICATE', problem, facts))
    }
    if (rival === undefined && this.#clients.size >= this.#options.clientsMax) {
      return this.#told(relayError('GOSSIP_RELAY_FULL', `clientsMax is ${this.#options.clientsMax}`, facts))
    }
    if (rival !== undefined) {
      const problem = `another registration as ${JSON.stringify(facts.id)} took its place`
      this.#remove(rival, relayError('GOSSIP_RELAY_REPLACED', problem, rival))
    }
    const client = new RelayClient(facts, this.#clientPorts)
    this.#clients.set(client.id, client)
    this.#bySession.set(client.session, client)
    const { messageBytesMax } = this.#options
    client.start({ kind: 'welcome', hasNode: this.#node !== undefined, messageBytesMax })
    this.#emitter.emit('client', client.info)
    return undefined
  }

  /** The same session is the same node, which knows best. */
  #mayReplace(rival: RelayClient, claim: Registration): boolean {
    if (rival.session === claim.session) return true
    const { onDuplicate } = this.#options
    return onDuplicate === 'replace' || (onDuplicate === 'newer' && claim.generation > rival.generation)
  }

  #onFrame(client: RelayClient, frame: RelayFrame): void {
    switch (frame.kind) {
      case 'message':
        this.#pass(client, frame)
        return
      case 'generation':
        client.generation = frame.generation
        return
      case 'list':
        client.notify(this.#listAfter(frame.after, frame.number))
        return
      default:
        throw relayMalformed(`a client says ${frame.kind}`)
    }
  }

  #pass(client: RelayClient, message: RelayMessage): void {
    if (message.bytes.length > this.#options.messageBytesMax) throw relayMalformed('a message is too long')
    const passed = { ...message, peer: client.id }
    const receiver = this.#clients.get(message.peer)
    if (message.peer === OWN_NODE && this.#node !== undefined) {
      client.notePartner(OWN_NODE)
      this.#node.onMessage(passed)
    } else if (receiver === undefined) {
      client.notify({ kind: 'undelivered', peer: message.peer, code: 'GOSSIP_RELAY_CLIENT_UNKNOWN' })
    } else {
      this.#notePartners(client, receiver)
      receiver.deliver(passed)
    }
  }

  #notePartners(a: RelayClient, b: RelayClient): void {
    a.notePartner(b.id)
    b.notePartner(a.id)
  }

  #listAfter(after: string, number: number): RelayFrame {
    if (!this.#options.listClients) {
      return { kind: 'clients', number, refused: 'GOSSIP_RELAY_LIST_REFUSED', clients: [], isLast: true }
    }
    const following = this.list().filter(({ id }) => id > after)
    const clients = following.slice(0, LISTED_MAX)
    return { kind: 'clients', number, clients, isLast: following.length <= LISTED_MAX }
  }

  /** Joins a client's channel to a new one of the client it wants to speak with. */
  #join(session: Session, offer: ChannelOffer, peer: string): void {
    const client = this.#bySession.get(session)
    const other = this.#clients.get(peer)
    const { pipesMax } = this.#options
    if (client === undefined || this.#clients.get(client.id) !== client) {
      offer.refuse('GOSSIP_RELAY_REFUSED', 'whoever is not registered has nothing passed on')
    } else if (other === undefined) {
      offer.refuse('GOSSIP_RELAY_CLIENT_UNKNOWN', `nobody is registered as ${JSON.stringify(peer)}`)
    } else if (client.pipes >= pipesMax || other.pipes >= pipesMax) {
      offer.refuse('GOSSIP_RELAY_PIPE_LIMIT', `pipesMax is ${pipesMax}`)
    } else {
      this.#notePartners(client, other)
      void this.#splice(client, other, offer)
    }
  }

  async #splice(client: RelayClient, other: RelayClient, offer: ChannelOffer): Promise<void> {
    const near = offer.accept()
    client.pipes++
    other.pipes++
    const onOver = (): void => {
      client.pipes--
      other.pipes--
    }
    try {
      const far = await other.session.open(encodeRelayHeader({ kind: 'from', peer: client.id }))
      splice(near, far, {
        startTimer: (callback, delayMs) => this.#system.startTimer(callback, delayMs),
        onBytes: (way, bytes) => {
          const [from, to] = way === 0 ? [client, other] : [other, client]
          to.notePipedOut(bytes)
          return from.notePipedIn(bytes)
        },
        onOver,
      })
    } catch (error) {
      onOver()
      near.reset(codeOf(error, 'GOSSIP_CHANNEL_REFUSED'))
    }
  }

  /** Ends a registration for a reason of ours. */
  #remove(client: RelayClient, error: GossipError): void {
    client.dismiss(error.code)
    this.#forget(client, error)
  }

  #forget(client: RelayClient, error: Error | undefined): void {
    if (this.#clients.get(client.id) !== client) return
    this.#clients.delete(client.id)
    for (const partner of client.partners) {
      if (partner === OWN_NODE) this.#node?.onGone(client.id)
      else this.#clients.get(partner)?.notify({ kind: 'gone', peer: client.id })
    }
    if (codeOf(error, '') === 'GOSSIP_RELAY_MALFORMED') this.#tell(error as Error)
    this.#emitter.emit('client gone', client.info, error)
  }

  #told(error: GossipError): GossipError {
    this.#tell(error)
    return error
  }

  #tell(error: Error): void {
    this.#emitter.emit('error', error)
  }
}

function relayError(code: string, problem: string, { session }: { readonly session: Session }): TransportError {
  return new TransportError(code, problem, { peer: session.remote, direction: 'inbound' })
}
