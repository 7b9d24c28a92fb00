/** Everything that asks or tells another node, in whatever space: with a deadline, shared, rerouted, or none of these. */

import { FrameTooLargeError, InvalidOptionError, integerIn, looseOptions, type Session } from '../core/index.ts'
import { withDeadline } from './deadline.ts'
import { MessagingError } from './errors.ts'
import { Flights, flightKey } from './flights.ts'
import { assertName } from './handler.ts'
import type { Line } from './line.ts'
import type { Lines, MessagingNode } from './lines.ts'
import { encodeSend, type Target } from './message.ts'
import { type ResolvedMessengerOptions, TIME_MS_MAX } from './options.ts'
import { encodePayload, type Payload } from './payload.ts'
import { firstAnswer } from './reroute.ts'

/** How a request is made. */
export interface RequestOptions {
  /** How long to wait, connecting and all peers included, ms. @defaultValue the messenger's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined
  /** Gives up: the other side is told, and its handler's signal is raised. */
  readonly signal?: AbortSignal | undefined
  /** Whether identical requests to one peer that are under way share one answer. @defaultValue false */
  readonly coalesce?: boolean | undefined
  /** Of several peers: silence after which the next is asked as well, ms. @defaultValue only after a failure */
  readonly stallAfterMs?: number | undefined
}

/** How a one-way message is sent. */
export interface SendOptions {
  /** How long connecting may take, ms. @defaultValue the messenger's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined
}

/** How a datagram is sent. */
export interface DatagramOptions extends SendOptions {
  /** `'reliable'`: where no datagram can go, the message goes on a session. @defaultValue it is refused */
  readonly fallback?: 'reliable' | undefined
}

const REQUEST_FIELDS = ['timeoutMs', 'signal', 'coalesce', 'stallAfterMs']

/** Asks and tells. */
export class Caller {
  readonly #node: MessagingNode
  readonly #lines: Lines
  readonly #options: ResolvedMessengerOptions
  readonly #flights = new Flights()

  constructor(node: MessagingNode, lines: Lines, options: ResolvedMessengerOptions) {
    this.#node = node
    this.#lines = lines
    this.#options = options
  }

  /** Asks one peer, or the first of several that answers; see `Messenger.request`. */
  async request(
    peers: string | readonly string[],
    target: Target,
    payload: unknown,
    options: RequestOptions = {},
  ): Promise<Payload> {
    looseOptions(options, 'options', REQUEST_FIELDS)
    const asked = peersOption(peers)
    assertName('name', target.name)
    const { signal, coalesce } = options
    const timeoutMs = timeOption('timeoutMs', options.timeoutMs) ?? this.#options.requestTimeoutMs
    const stallAfterMs = timeOption('stallAfterMs', options.stallAfterMs)
    const body = encodePayload(payload)
    const timeoutError = (): Error =>
      new MessagingError('GOSSIP_REQUEST_TIMEOUT', `${JSON.stringify(target.name)}: no answer in ${timeoutMs} ms`, {
        peer: asked[0],
      })
    const ask = (peer: string, wanted: AbortSignal): Promise<Payload> =>
      coalesce === true
        ? this.#flights.join(flightKey(peer, target, body), wanted, (last) => this.#ask(peer, target, body, last))
        : this.#ask(peer, target, body, wanted)
    const { system } = this.#options
    return withDeadline({ system, timeoutMs, signal, timeoutError }, (wanted) =>
      firstAnswer({ system, peers: asked, stallAfterMs, signal: wanted }, ask),
    )
  }

  /** Tells one peer; see `Messenger.send`. */
  async send(peerId: string, target: Target, payload: unknown, options: SendOptions = {}): Promise<void> {
    looseOptions(options, 'options', ['timeoutMs', 'signal'])
    assertName('peerId', peerId)
    assertName('name', target.name)
    const body = encodePayload(payload)
    // The deadline is for connecting, and not for the room that a slow reader has.
    const { taken } = await this.#connected(peerId, options, (line) => ({ taken: line.send(target, body) }))
    await taken
  }

  /** Asks on one session and no other; see `Messenger.request`. */
  async requestOn(session: Session, target: Target, payload: unknown, options: SendOptions = {}): Promise<Payload> {
    looseOptions(options, 'options', ['timeoutMs', 'signal'])
    const body = encodePayload(payload)
    const timeoutMs = timeOption('timeoutMs', options.timeoutMs) ?? this.#options.requestTimeoutMs
    const peer = session.remote.id
    const timeoutError = (): Error =>
      new MessagingError('GOSSIP_REQUEST_TIMEOUT', `${JSON.stringify(target.name)}: no answer in ${timeoutMs} ms`, {
        peer,
      })
    const { system } = this.#options
    const { signal } = options
    return withDeadline({ system, timeoutMs, signal, timeoutError }, async (wanted) =>
      this.#lines.of(session).request(target, body, wanted),
    )
  }

  /** Tells on one session and no other; see `Messenger.send`. */
  async sendOn(session: Session, target: Target, payload: unknown): Promise<void> {
    await this.#lines.of(session).send(target, encodePayload(payload))
  }

  /** Tells one peer in a datagram; see `Messenger.datagram`. */
  async datagram(peerId: string, target: Target, payload: unknown, options: DatagramOptions = {}): Promise<void> {
    const { fallback, ...rest } = looseOptions(options, 'options', ['timeoutMs', 'signal', 'fallback'])
    if (fallback !== undefined && fallback !== 'reliable') {
      throw new InvalidOptionError('fallback', "'reliable' or nothing", fallback)
    }
    assertName('peerId', peerId)
    assertName('name', target.name)
    const bytes = encodeSend(target, encodePayload(payload))
    const refusal = this.#datagramRefusal(peerId, bytes.length)
    if (refusal === undefined) {
      const transport = this.#node.peer(peerId)?.transport ?? null
      this.#node.transport.datagram?.({ id: peerId, transport }, bytes)
    } else if (fallback === 'reliable') await this.send(peerId, target, payload, rest)
    else throw refusal
  }

  /**
   * Asks one peer, and tells on which session it has answered.
   *
   * @throws {GossipError} as a rejection, as `request` does
   */
  async agree(
    peer: string,
    target: Target,
    payload: Payload,
    options: SendOptions,
  ): Promise<{ readonly session: Session; readonly answer: Payload }> {
    const { signal } = options
    const timeoutMs = timeOption('timeoutMs', options.timeoutMs) ?? this.#options.requestTimeoutMs
    const timeoutError = (): Error =>
      new MessagingError('GOSSIP_REQUEST_TIMEOUT', `${JSON.stringify(target.name)}: no answer in ${timeoutMs} ms`, {
        peer,
      })
    const { system } = this.#options
    return withDeadline({ system, timeoutMs, signal, timeoutError }, async (wanted) => {
      const body = encodePayload(payload)
      return this.#lines.use(peer, wanted, async (line) => {
        const answer = await line.request(target, body, wanted)
        return { session: line.session, answer }
      })
    })
  }

  /** Opens a session with a peer unless there is one. What it rejects with, nothing was said to the peer. */
  async reach(peerId: string, options: SendOptions = {}): Promise<void> {
    await this.#connected(peerId, options, () => {})
  }

  async #ask(peer: string, target: Target, body: Uint8Array, signal: AbortSignal): Promise<Payload> {
    return this.#lines.use(peer, signal, (line) => line.request(target, body, signal))
  }

  #connected<T>(peerId: string, options: SendOptions, work: (line: Line) => T): Promise<Awaited<T>> {
    const timeoutMs = timeOption('timeoutMs', options.timeoutMs) ?? this.#options.requestTimeoutMs
    const timeoutError = (): Error =>
      new MessagingError('GOSSIP_REQUEST_TIMEOUT', `no session with ${JSON.stringify(peerId)} in ${timeoutMs} ms`, {
        peer: peerId,
      })
    const { system } = this.#options
    const { signal } = options
    return withDeadline({ system, timeoutMs, signal, timeoutError }, (wanted) => this.#lines.use(peerId, wanted, work))
  }

  #datagramRefusal(peer: string, bytes: number): Error | undefined {
    const { transport, id } = this.#node
    if (transport.datagram === undefined || peer === id) {
      const problem = "no datagrams go there: use UDP, or say fallback: 'reliable'"
      return new MessagingError('GOSSIP_DATAGRAMS_UNSUPPORTED', problem, { peer })
    }
    if (this.#node.peer(peer) === undefined) {
      return new MessagingError('GOSSIP_PEER_UNKNOWN', `no peer is known as ${JSON.stringify(peer)}`, { peer })
    }
    const { maxDatagramBytes } = transport
    if (maxDatagramBytes === undefined || bytes <= maxDatagramBytes) return undefined
    return new FrameTooLargeError(bytes, maxDatagramBytes, { peer, direction: 'outbound' })
  }
}

/** Checks a time; undefined where nothing was said. */
export function timeOption(name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : integerIn(name, value, 0, TIME_MS_MAX)
}

function peersOption(peers: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(peers) ? [...new Set<unknown>(peers)] : [peers]
  if (list.length === 0) throw new InvalidOptionError('peerId', 'the id of a peer, or several', peers)
  return list.map((peer) => {
    assertName('peerId', peer)
    return peer
  })
}
