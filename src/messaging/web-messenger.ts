/**
 * Messages between the nodes of a cluster, on the sessions and datagrams of whatever transport a node has. This part
 * runs wherever the engine runs; what needs Node itself is added in `messenger.ts`.
 */

import { type Channel, type ListenerError, type PeerView, SafeEmitter, type SenderRef } from '../core/index.ts'
import { type BroadcastReport, broadcastTo } from './broadcast.ts'
import { Caller, type DatagramOptions, type RequestOptions, type SendOptions } from './caller.ts'
import { type ChannelListener, Channels, type StreamOptions } from './channels.ts'
import { type ClientView, clientsOf } from './clients.ts'
import { MessagingError } from './errors.ts'
import { type Handler, HandlerTable } from './handler.ts'
import { type LibraryArea, libraryAreaOf } from './library-area.ts'
import type { Line } from './line.ts'
import { Lines, type MessagingNode } from './lines.ts'
import type { MessengerEvents } from './messenger-events.ts'
import { type MessengerOptions, type ResolvedMessengerOptions, resolveMessengerOptions } from './options.ts'
import { type Pair, Pairs } from './pairs.ts'
import { encodePayload, type Payload } from './payload.ts'
import { type FolderPlugin, PluginError, Plugins, type PluginsView } from './plugins/index.ts'
import { Reception } from './reception.ts'
import { type ConnectOptions, connectService, SERVICE_PROBE, type ServiceClient } from './service-client.ts'
import {
  type Port,
  type Service,
  type ServiceChange,
  type ServiceFilter,
  type ServiceMode,
  Services,
  type ServiceView,
} from './services.ts'

/** Counters and gauges of a messenger. */
export interface MessengerStats {
  /** Sessions that are open. */
  readonly sessions: number
  /** Requests of this side that wait for answers. */
  readonly pending: number
  /** Requests of others that are being handled. */
  readonly serving: number
  /** Sends and datagrams of others that nobody handled, or whose handler threw. */
  readonly failedSends: number
  /** `error` events, heard or not. */
  readonly errors: number
}

/** Names of the library's own. */
const OWN_HANDLERS_MAX = 64

/** Two messengers on one transport would read each other's answers. */
const taken = new WeakSet<object>()

/**
 * Requests, sends, broadcasts and datagrams of one node. Make it before the node is started, and close it before the
 * node is closed.
 *
 * @throws {InvalidOptionError} the constructor, for an option that is unknown or out of range
 * @throws {MessagingError} the constructor, `GOSSIP_MESSENGER_EXISTS`: the node's transport has one already
 */
export class WebMessenger implements AsyncDisposable {
  readonly #node: MessagingNode
  readonly #options: ResolvedMessengerOptions
  readonly #lines: Lines
  readonly #caller: Caller
  readonly #handlers: HandlerTable
  /** What messengers say to each other. */
  readonly #own = new HandlerTable(OWN_HANDLERS_MAX)
  readonly #services: Services
  readonly #pairs: Pairs
  readonly #channels: Channels
  readonly #emitter: SafeEmitter<MessengerEvents>
  readonly #reception: Reception
  readonly #plugins: Plugins
  #errors = 0
  #closing: Promise<void> | undefined
  readonly #onDatagram = (from: SenderRef, bytes: Uint8Array): void => this.#reception.takeDatagram(from, bytes)

  constructor(node: MessagingNode, options?: MessengerOptions) {
    this.#options = resolveMessengerOptions(options)
    if (taken.has(node.transport)) {
      throw new MessagingError('GOSSIP_MESSENGER_EXISTS', 'this transport has a messenger: use that one, or close it')
    }
    this.#node = node
    this.#emitter = new SafeEmitter<MessengerEvents>((error: ListenerError) => this.tellError(error))
    this.#handlers = new HandlerTable(this.#options.handlersMax)
    this.#services = new Services(node, this.#options.servicesMax)
    this.#reception = new Reception({
      id: node.id,
      tables: { handler: this.#handlers, library: this.#own },
      services: this.#services,
      tellError: (error) => this.tellError(error),
    })
    this.#lines = new Lines(node, this.#options, {
      handlerOf: (target, way) => this.#reception.handlerOf(target, way),
      onSend: (target, payload, session) => void this.#reception.takeSend(target, payload, session.remote.id, session),
      tellError: (error) => this.tellError(error),
      onOpen: (line) => this.#onOpen(line),
      onOver: (line, error) => {
        this.#pairs.onSessionOver(line.session, error)
        this.#emitter.emit('disconnect', line.session, error)
      },
    })
    this.#caller = new Caller(node, this.#lines, this.#options)
    this.#own.add(SERVICE_PROBE, (port) => this.#probed(port))
    this.#pairs = new Pairs({
      id: node.id,
      caller: this.#caller,
      lines: this.#lines,
      own: this.#own,
      accepts: this.#options.acceptsPair,
      onPair: (pair) => void this.#emitter.emit('pair', pair),
      onUnpair: (pair, end) => void this.#emitter.emit('unpair', pair, end),
      tellError: (error) => this.tellError(error),
    })
    this.#channels = new Channels({
      lines: this.#lines,
      system: this.#options.system,
      openTimeoutMs: this.#options.openTimeoutMs,
      listenersMax: this.#options.handlersMax,
      tellError: (error) => this.tellError(error),
    })
    this.#plugins = new Plugins({
      node,
      options: this.#options,
      area: this.area('plugins'),
      emitter: this.#emitter,
      readFolder: (folder, filesMax) => this.readPlugins(folder, filesMax),
      tellError: (error) => this.tellError(error),
    })
    node.transport.on('datagram', this.#onDatagram)
    taken.add(node.transport)
  }

  /** The node's name. */
  get id(): string {
    return this.#node.id
  }

  /** The node whose messenger this is. */
  get node(): MessagingNode {
    return this.#node
  }

  /** Counters and gauges. O(sessions). */
  get stats(): MessengerStats {
    const lines = this.#lines.all
    return {
      sessions: lines.length,
      pending: lines.reduce((sum, line) => sum + line.pending, 0),
      serving: lines.reduce((sum, line) => sum + line.serving, 0),
      failedSends: this.#reception.failedSends + this.#plugins.stats.failedSends,
      errors: this.#errors,
    }
  }

  /**
   * Handles what others request and send under a name, in sessions and datagrams.
   *
   * @returns takes the handler away again
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_MESSENGER_CLOSED`
   * @throws {InvalidOptionError} not a name of 1 to 256 bytes, or not a function
   */
  handle(name: string, handler: Handler): () => void {
    this.#assertOpen()
    return this.#handlers.add(name, handler)
  }

  /**
   * Asks a peer, this node itself included, and waits for its answer. Whatever fails, the other side may have done what
   * it was asked for, unless it was never reached.
   *
   * @param peers - an id; or several, of which the next is asked when the last has failed or has stalled for
   *   `stallAfterMs`. The first success counts, and the others are told that they need not answer
   * @param payload - JSON, a `Uint8Array` or nothing
   * @throws {RemoteError} as a rejection: the handler threw; its code and message. `GOSSIP_HANDLER_UNKNOWN`: there is none
   * @throws {MessagingError} as a rejection: `GOSSIP_REQUEST_TIMEOUT`, `GOSSIP_REQUEST_LIMIT`, `GOSSIP_PEER_UNKNOWN`,
   *   `GOSSIP_PAYLOAD_TOO_LARGE`, `GOSSIP_QUEUE_FULL`, `GOSSIP_SESSIONS_UNSUPPORTED`, `GOSSIP_PEERS_FAILED`
   * @throws {GossipError} as a rejection: `GOSSIP_ABORTED`; or what kept or ended the session, such as
   *   `GOSSIP_CONNECT_FAILED`, `GOSSIP_SESSION_LOST`
   */
  async request(
    peers: string | readonly string[],
    name: string,
    payload?: unknown,
    options?: RequestOptions,
  ): Promise<Payload> {
    return this.#caller.request(peers, { space: 'handler', name }, payload, options)
  }

  /**
   * Tells a peer something, once, if the session holds: in order with everything else this node sends and requests of it.
   * Nobody answers; what nobody handles is an `error` over there.
   *
   * @returns resolves when it was taken and there is room for more
   * @throws {GossipError} as a rejection, as `request` does, but for answers
   */
  async send(peerId: string, name: string, payload?: unknown, options?: SendOptions): Promise<void> {
    return this.#caller.send(peerId, { space: 'handler', name }, payload, options)
  }

  /**
   * Sends to every live peer.
   *
   * @param options - `filter`: whom to send to; the rest as for `send`
   * @returns who was sent to, and who was not, and why; never rejects for trouble with a peer
   * @throws {InvalidValueError | InvalidOptionError} as a rejection: it could not be sent to anybody
   */
  async broadcast(
    name: string,
    payload?: unknown,
    options: SendOptions & { readonly filter?: (peer: PeerView) => boolean } = {},
  ): Promise<BroadcastReport> {
    const { filter = () => true, ...rest } = options
    this.#assertOpen()
    encodePayload(payload) // What cannot be sent at all is the caller's mistake, not the trouble of each peer.
    const peers = this.#node.peers().filter((peer) => peer.status === 'live' && filter(peer))
    const target = { space: 'handler', name } as const
    return broadcastTo(
      peers.map(({ id }) => id),
      this.#options.broadcastPeersMax,
      (id) => this.#caller.send(id, target, payload, rest),
    )
  }

  /**
   * Sends a message that may be lost, doubled or late, in one packet.
   *
   * @param options - `fallback: 'reliable'`: where the transport has no datagrams, or not so large ones, it is sent as
   *   `send` does
   * @throws {MessagingError} as a rejection: `GOSSIP_DATAGRAMS_UNSUPPORTED`, `GOSSIP_PEER_UNKNOWN`
   * @throws {FrameTooLargeError} as a rejection: longer than the transport's `maxDatagramBytes`
   */
  async datagram(peerId: string, name: string, payload?: unknown, options?: DatagramOptions): Promise<void> {
    this.#assertOpen()
    return this.#caller.datagram(peerId, { space: 'handler', name }, payload, options)
  }

  /**
   * Opens a channel to a peer: two web streams of bytes with credit. On Node, `stream` gives the same as a Duplex.
   *
   * @throws {TransportError} as a rejection: `GOSSIP_STREAM_UNKNOWN`, nobody takes such channels there; another refusal;
   *   what kept or ended the session
   * @throws {MessagingError} as a rejection: `GOSSIP_STREAM_TIMEOUT`, and as `request` does
   */
  async channel(peerId: string, name: string, options?: StreamOptions): Promise<Channel> {
    return this.#channels.open(peerId, name, options)
  }

  /**
   * Takes the channels that others open under a name, whether by `channel` or by `stream`.
   *
   * @returns takes the listener away again; channels that are open stay
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_MESSENGER_CLOSED`
   */
  onChannel(name: string, listener: ChannelListener): () => void {
    this.#assertOpen()
    return this.#channels.listen(name, listener)
  }

  /**
   * Opens a port of this node. The service is gossiped, and found by its name at every node.
   *
   * @param port - 1 to 65535, or a name
   * @param facts - `name`: by default the port's; `mode`: what it takes, and all that it takes
   * @throws {MessagingError} `GOSSIP_PORT_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_MESSENGER_CLOSED`
   * @throws {GossipError} what `Gossipmonger.set` throws; the port is not open
   */
  open(port: Port, facts: { readonly name?: string; readonly mode: ServiceMode }, handler: Handler): Service {
    this.#assertOpen()
    return this.#services.open(port, facts, handler)
  }

  /** Services of nodes that are not dead and have not left, this one's included. O(peers). */
  services(filter?: ServiceFilter): readonly ServiceView[] {
    return this.#services.list(filter)
  }

  /** Follows services: those that are open, then `synced`, then what opens and closes, also with the life of its node. */
  watchServices(options: ServiceFilter & { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ServiceChange> {
    this.#assertOpen()
    return this.#services.watch(options, options.signal)
  }

  /**
   * Connects to a service.
   *
   * @returns a client, once the other side has said that the port is open, and in which mode; over a transport without
   *   sessions, what it gossips of services of mode `unreliable` is believed
   * @throws {RemoteError} as a rejection: `GOSSIP_PORT_CLOSED`
   * @throws {GossipError} as a rejection, as `request` does
   */
  async connect(peerId: string, port: Port, options: ConnectOptions = {}): Promise<ServiceClient> {
    return connectService(this.#caller, peerId, port, options, () => this.services({ peer: peerId }))
  }

  /** The pair that this node is in, whoever asked for it. */
  get currentPair(): Pair | undefined {
    return this.#pairs.current
  }

  /**
   * Pairs with a peer: the two have each other to themselves, until either releases the other or their session ends.
   *
   * @throws {RemoteError} as a rejection: `GOSSIP_PAIR_BUSY`, it is paired; `GOSSIP_PAIR_REFUSED`, its `acceptsPair` said no
   * @throws {MessagingError} as a rejection: `GOSSIP_PAIR_BUSY`, this node is; and as `request` does
   */
  async pair(peerId: string, options?: SendOptions): Promise<Pair> {
    return this.#pairs.pair(peerId, options)
  }

  /**
   * Requests and sends under names that no embedder's name collides with: for what is built on a messenger.
   *
   * @param area - the module's name, one for each
   * @throws {InvalidOptionError} not a name of 1 to 256 bytes
   */
  area(area: string): LibraryArea {
    return libraryAreaOf(area, this.#own, this.#caller)
  }

  /** The plug-ins of this node, which `node.use` loads. */
  get plugins(): PluginsView {
    return this.#plugins
  }

  /** Who can be reached: peers with a session, and live ones that one could be opened to. O(peers). */
  clients(): readonly ClientView[] {
    return clientsOf(this.#node, this.#lines)
  }

  on<E extends keyof MessengerEvents>(event: E, listener: MessengerEvents[E]): this {
    this.#emitter.on(event, listener)
    return this
  }

  off<E extends keyof MessengerEvents>(event: E, listener: MessengerEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  /** Ends every session of the node; what is pending fails, here and there. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Counts an error and tells it: for what is built on a messenger and has trouble that nobody waits for. */
  tellError(error: Error): void {
    this.#errors++
    const isOwnFault = 'event' in error && error.event === 'error'
    if (!isOwnFault) this.#emitter.emit('error', error)
  }

  /** Reads the plug-ins of a folder, where the runtime has folders. */
  protected async readPlugins(_folder: string | URL, _filesMax: number): Promise<readonly FolderPlugin[]> {
    throw new PluginError('GOSSIP_PLUGIN_FOLDERS_UNSUPPORTED', `folders are for Node: give plug-ins instead`)
  }

  async #close(): Promise<void> {
    await this.#plugins.close()
    this.#node.transport.off('datagram', this.#onDatagram)
    this.#services.closeAll()
    await this.#lines.close()
    taken.delete(this.#node.transport)
  }

  #onOpen(line: Line): void {
    line.session.on('channel', (offer) => this.#channels.take(offer, line.session))
    this.#emitter.emit('connect', line.session)
  }

  #probed(port: Payload): Payload {
    const service = typeof port === 'string' ? this.#services.find(port) : undefined
    if (service === undefined)
      throw new MessagingError('GOSSIP_PORT_CLOSED', `port ${JSON.stringify(port)} is not open`)
    return { name: service.name, mode: service.mode }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new MessagingError('GOSSIP_MESSENGER_CLOSED', 'this messenger is closed')
  }
}
