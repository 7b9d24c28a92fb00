/**
 * All that leads through relays: the registration with the own relay, visits to others, and the own relay server. It
 * makes the links, remembers on which of them a peer wrote, and lets go of sessions that nobody uses any more.
 */

import {
  type Channel,
  type GossipError,
  type JsonValue,
  type PeerRef,
  type Session,
  type System,
  TransportError,
} from '../../core/index.ts'
import { parseRelayHeader } from './channel-header.ts'
import { ChannelPipe } from './channel-pipe.ts'
import { RelayHome } from './home.ts'
import { RelayLink, type RelayLinkPorts } from './link.ts'
import type { ResolvedRelayTransportOptions } from './options.ts'
import type { RelayMessage } from './relay-frame.ts'
import type { Destination, Lane } from './relay-mail.ts'
import { RelayServer } from './server.ts'
import { RelayVisits } from './visits.ts'
import { findWay, type Way } from './ways.ts'

/** What lanes ask of their transport. */
export interface RelayLanesPorts {
  readonly options: ResolvedRelayTransportOptions
  readonly system: System
  /** Who this node is. */
  identity(): { readonly id: string; readonly generation: number }
  /** A message came; answers go to the destination. */
  onMail(back: Destination, from: string, message: RelayMessage): void
  /** A peer is gone. */
  onGone(id: string): void
  /** A registration of this node's has ended, or was given up. */
  onLinkEnd(): void
  /** A message to a peer went nowhere. */
  onUndelivered(id: string, code: string): void
  /** A peer opens a relayed session. */
  onPipe(pipe: ChannelPipe): void
  /** A session was dialled to a relay; the other side may use it for more than that. */
  onSession(session: Session): void
  tellError(error: Error): void
}

/** The ways through relays of one node. */
export class RelayLanes {
  readonly #ports: RelayLanesPorts
  readonly #home: RelayHome | undefined
  readonly #visits: RelayVisits
  readonly #server: RelayServer | undefined
  readonly #serverLane: Lane
  /** On which link a peer last wrote. */
  readonly #waysBack = new Map<string, RelayLink>()
  /** Sessions that somebody else than a link uses, or may use. */
  readonly #shared = new WeakSet<Session>()
  readonly #seen = new WeakSet<Session>()
  readonly #pipes = new Map<RelayLink, number>()

  constructor(ports: RelayLanesPorts) {
    const { options, system } = ports
    const { home, carrier, server } = options
    this.#ports = ports
    this.#home =
      home === undefined
        ? undefined
        : new RelayHome({
            system,
            retryDelayMs: options.retryDelayMs,
            retryDelayMsMax: options.retryDelayMsMax,
            makeLink: () => this.#makeLink(home),
            onRegistration: (isRegistered) => options.onRegistration(isRegistered),
            tellError: (error) => ports.tellError(error),
          })
    this.#visits = new RelayVisits({
      system,
      relaysMax: options.relaysMax,
      relayIdleTimeoutMs: options.relayIdleTimeoutMs,
      makeLink: (relay) => this.#makeLink(relay),
      twinOf: (link) => this.#twinOf(link),
      isInUse: (link) => (this.#pipes.get(link) ?? 0) > 0,
      onLeft: (link) => {
        this.#release(link)
        ports.onLinkEnd()
      },
      tellError: (error) => ports.tellError(error),
    })
    this.#server =
      server &&
      new RelayServer(carrier, server, system, {
        onMessage: (message) => {
          const { peer } = message
          ports.onMail({ lane: this.#serverLane, to: peer, id: peer }, peer, message)
        },
        onGone: (id) => this.#onGone(id),
      })
    this.#server?.on('error', (error) => ports.tellError(error))
    const messageBytesMax = Math.min(options.messageBytesMax, server?.messageBytesMax ?? options.messageBytesMax)
    this.#serverLane = { messageBytesMax, send: (message) => this.#server?.sendToClient(message) ?? false }
  }

  /** The own relay server, where this node is a relay. */
  get server(): RelayServer | undefined {
    return this.#server
  }

  /** The registration with the own relay, where it is in force or under way. */
  get homeLink(): RelayLink | undefined {
    return this.#home?.link
  }

  /**
   * Registers for the first time.
   *
   * @returns why the own relay refused, if it did
   */
  async start(): Promise<GossipError | undefined> {
    return this.#home?.start()
  }

  /** Tells all relays the new generation. */
  introduce(): void {
    for (const link of this.#links()) link.tellGeneration()
  }

  /** The way to a peer. Nothing is dialled yet. */
  wayTo(peer: PeerRef): Way {
    const { carrier, home, relaysMax } = this.#ports.options
    return findWay(peer, {
      carrier,
      home,
      relaysMax,
      homeLink: () => this.homeLink,
      server: this.#server,
      wayBack: (id) => this.#waysBack.get(id),
    })
  }

  /**
   * Where a message for a peer goes; undefined: to the carrier. Other relays are dialled where needed.
   *
   * @throws {TransportError} the peer cannot be reached at the moment
   */
  destinationOf(peer: PeerRef): Destination | undefined {
    const way = this.wayTo(peer)
    switch (way.kind) {
      case 'carrier':
        return undefined
      case 'relay node':
        return { lane: way.link, to: '', id: way.link.session?.remote.id ?? peer.id }
      case 'own client':
        return { lane: this.#serverLane, to: way.id, id: way.id }
      case 'link':
        return { lane: way.link, to: way.id, id: way.id }
      case 'visit':
        return { lane: this.#visits.link(way.relay), to: way.id, id: way.id }
      case 'none':
        throw noWay(way, peer)
    }
  }

  /**
   * Opens a pipe to a peer behind a relay.
   *
   * @throws {GossipError} as a rejection: the relay or the peer cannot be reached
   */
  async dial(peer: PeerRef, signal: AbortSignal): Promise<ChannelPipe> {
    const way = this.wayTo(peer)
    if (way.kind === 'none') throw noWay(way, peer)
    if (way.kind !== 'link' && way.kind !== 'visit') {
      throw noWay({ code: 'GOSSIP_ADDRESS_MALFORMED', problem: 'this peer is behind no relay' }, peer)
    }
    const link = way.kind === 'link' ? way.link : await this.#visits.opened(way.relay)
    return this.#pipe(link, await link.openPipe(way.id, signal), way.id)
  }

  /** Ends all registrations, and the own server. */
  close(): void {
    this.#home?.close()
    this.#visits.close()
    this.#server?.close()
    this.#waysBack.clear()
  }

  /** A session is in the user's hands: links leave it open. */
  share(session: Session): void {
    this.#shared.add(session)
  }

  #links(): RelayLink[] {
    return this.homeLink === undefined ? [...this.#visits.links] : [this.homeLink, ...this.#visits.links]
  }

  #makeLink(relay: JsonValue): RelayLink {
    const { options, system } = this.#ports
    const isHome = relay === options.home
    const ports: RelayLinkPorts = {
      options,
      system,
      connect: (signal) => this.#connect(link, signal),
      claim: () => this.#ports.identity(),
      token: () => this.#tokenFor(relay, isHome),
      onMessage: (from, message) => this.#onMessage(from, message),
      onUndelivered: (from, peer, code) => this.#ports.onUndelivered(nameOf(from, peer), code),
      onGone: (from, peer) => this.#onGone(nameOf(from, peer)),
      onPipe: (from, channel, peer) => this.#ports.onPipe(this.#pipe(from, channel, peer)),
      onOver: (over, error) => {
        this.#ports.onLinkEnd()
        if (isHome) this.#home?.onOver(error)
        else this.#visits.onOver(over, error)
      },
    }
    const link: RelayLink = new RelayLink(relay, ports)
    return link
  }

  /** A relay may be known under several addresses; registering twice would end the first registration. */
  async #connect(link: RelayLink, signal: AbortSignal): Promise<Session> {
    const { carrier } = this.#ports.options
    const session = await carrier.connect?.({ transport: link.relay }, { signal })
    if (session === undefined)
      throw new TransportError('GOSSIP_CONNECT_FAILED', 'no session', { direction: 'outbound' })
    this.#watch(session)
    const isKnown = this.#links().some((other) => other !== link && other.isOpen && other.session === session)
    if (!isKnown) return session
    link.noteSession(session)
    const problem = 'this relay is known under another address'
    throw new TransportError('GOSSIP_RELAY_LIMIT', problem, { peer: { transport: link.relay }, direction: 'outbound' })
  }

  #twinOf(link: RelayLink): RelayLink | undefined {
    return this.#links().find((other) => other !== link && other.isOpen && other.session === link.session)
  }

  /** Notes whether anything else than relaying goes on on a session. */
  #watch(session: Session): void {
    if (this.#seen.has(session)) return
    this.#seen.add(session)
    if (session.direction === 'inbound') this.#shared.add(session)
    session.on('frame', () => this.#shared.add(session))
    session.on('channel', ({ header }) => {
      if (parseRelayHeader(header) === undefined) this.#shared.add(session)
    })
    if (session.direction === 'outbound') this.#ports.onSession(session)
  }

  #release({ session }: RelayLink): void {
    if (session !== undefined && !this.#shared.has(session)) void session.close()
  }

  /** A secret for the own relay is no secret for whoever names himself a relay in an address. */
  async #tokenFor(relay: JsonValue, isHome: boolean): Promise<string | undefined> {
    const { token } = this.#ports.options
    return typeof token === 'function' ? token(relay) : isHome ? token : undefined
  }

  #onMessage(link: RelayLink, message: RelayMessage): void {
    const from = nameOf(link, message.peer)
    this.#waysBack.delete(from)
    this.#waysBack.set(from, link)
    if (this.#waysBack.size > this.#ports.options.peersMax) {
      for (const oldest of this.#waysBack.keys()) {
        this.#waysBack.delete(oldest)
        break
      }
    }
    this.#ports.onMail({ lane: link, to: message.peer, id: from }, from, message)
  }

  #onGone(id: string): void {
    this.#waysBack.delete(id)
    this.#ports.onGone(id)
  }

  #pipe(link: RelayLink, channel: Channel, peer: string): ChannelPipe {
    this.#pipes.set(link, (this.#pipes.get(link) ?? 0) + 1)
    return new ChannelPipe(channel, peer, () => {
      const left = (this.#pipes.get(link) ?? 1) - 1
      if (left > 0) this.#pipes.set(link, left)
      else this.#pipes.delete(link)
    })
  }
}

/** The empty text is the relay's own node. */
function nameOf(link: RelayLink, peer: string): string {
  return peer === '' ? (link.session?.remote.id ?? '') : peer
}

function noWay({ code, problem }: { readonly code: string; readonly problem: string }, peer: PeerRef): TransportError {
  return new TransportError(code, problem, { peer, direction: 'outbound' })
}
