/**
 * Named channels: what is opened under a name on one side, and taken by its listener on the other. A header says that a
 * channel is ours and under which name, since others open channels on the same sessions.
 */

import {
  type Channel,
  type ChannelOffer,
  type GossipError,
  InvalidOptionError,
  isPlainObject,
  type JsonValue,
  looseOptions,
  type Session,
  type System,
} from '../core/index.ts'
import { timeOption } from './caller.ts'
import { withDeadline } from './deadline.ts'
import { codeOf, MessagingError, messageOf } from './errors.ts'
import { assertName } from './handler.ts'
import type { Lines } from './lines.ts'

/** How a stream is opened. */
export interface StreamOptions {
  /** What the other side is told about it: JSON, at most 16 KiB with the name. */
  readonly header?: JsonValue | undefined
  /** How long connecting and opening may take, ms. @defaultValue the messenger's `openTimeoutMs` */
  readonly openTimeoutMs?: number | undefined
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined
}

/** What a listener is told about a stream. */
export interface StreamContext {
  /** The id of the opener. */
  readonly from: string
  /** What the opener said about it; undefined if nothing. */
  readonly header: JsonValue | undefined
  readonly session: Session
}

/** Takes a channel. What it throws resets the channel, with its code. */
export type ChannelListener = (channel: Channel, context: StreamContext) => unknown

/** What the channels ask of their messenger. */
export interface ChannelsPorts {
  readonly lines: Lines
  readonly system: Pick<System, 'startTimer'>
  readonly openTimeoutMs: number
  /** Names that may have listeners. */
  readonly listenersMax: number
  tellError(error: GossipError): void
}

/** How a channel of a messenger is known. */
const MARK = 'stream'

/** Opens and takes named channels. */
export class Channels {
  readonly #ports: ChannelsPorts
  readonly #listeners = new Map<string, ChannelListener>()

  constructor(ports: ChannelsPorts) {
    this.#ports = ports
  }

  /**
   * Takes what others open under a name.
   *
   * @returns takes the listener away again; channels that are open stay
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`
   */
  listen(name: string, listener: ChannelListener): () => void {
    assertName('name', name)
    if (typeof listener !== 'function') throw new InvalidOptionError('listener', 'a function', listener)
    if (this.#listeners.has(name)) {
      throw new MessagingError('GOSSIP_HANDLER_TAKEN', `streams of ${JSON.stringify(name)} have a listener already`)
    }
    if (this.#listeners.size >= this.#ports.listenersMax) {
      throw new MessagingError('GOSSIP_HANDLER_LIMIT', `${this.#listeners.size} names have listeners already`)
    }
    this.#listeners.set(name, listener)
    return () => {
      if (this.#listeners.get(name) === listener) this.#listeners.delete(name)
    }
  }

  /** Opens a channel; see `Messenger.channel`. */
  async open(peerId: string, name: string, options: StreamOptions = {}): Promise<Channel> {
    looseOptions(options, 'options', ['header', 'openTimeoutMs', 'signal'])
    assertName('peerId', peerId)
    assertName('name', name)
    const { header, signal } = options
    const timeoutMs = timeOption('openTimeoutMs', options.openTimeoutMs) ?? this.#ports.openTimeoutMs
    const { system, lines } = this.#ports
    const timeoutError = (): Error =>
      new MessagingError('GOSSIP_STREAM_TIMEOUT', `${JSON.stringify(name)} was not opened in ${timeoutMs} ms`, {
        peer: peerId,
      })
    return withDeadline({ system, timeoutMs, signal, timeoutError }, async (wanted) => {
      const { session } = await lines.to(peerId, wanted)
      const channel = await session.open(headerOf(name, header), { signal: wanted })
      if (wanted.aborted) channel.reset(codeOf(wanted.reason, 'GOSSIP_ABORTED'))
      return channel
    })
  }

  /** Takes or refuses a channel that a peer opens, if it is one of ours. */
  take(offer: ChannelOffer, session: Session): void {
    const { header } = offer
    if (!isPlainObject(header) || header['messaging'] !== MARK) return
    const { name, header: said } = header as { readonly name?: unknown; readonly header?: JsonValue }
    const listener = typeof name === 'string' ? this.#listeners.get(name) : undefined
    if (listener === undefined) offer.refuse('GOSSIP_STREAM_UNKNOWN', 'nobody takes streams of this name')
    else void this.#hand(offer.accept(), listener, { from: session.remote.id, header: said, session })
  }

  async #hand(channel: Channel, listener: ChannelListener, context: StreamContext): Promise<void> {
    try {
      await listener(channel, context)
    } catch (thrown) {
      channel.reset(codeOf(thrown, 'GOSSIP_HANDLER_FAILED'))
      const problem = `a listener of streams of ${context.from}: ${messageOf(thrown)}`
      const facts = { peer: context.from, cause: thrown }
      this.#ports.tellError(new MessagingError('GOSSIP_HANDLER_FAILED', problem, facts))
    }
  }
}

function headerOf(name: string, header: JsonValue | undefined): JsonValue {
  return header === undefined ? { messaging: MARK, name } : { messaging: MARK, name, header }
}
