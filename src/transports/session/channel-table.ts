/**
 * The channels of one session: their numbers, who may open how many, and what becomes of frames about them. A side's
 * numbers only rise, so a frame about a lower one that is unknown is late, and one about a higher one is a lie.
 */

import {
  type ChannelOffer,
  FrameTooLargeError,
  type GossipError,
  InvalidOptionError,
  InvalidValueError,
  type JsonValue,
  LifecycleError,
  TransportError,
} from '../../core/index.ts'
import { isShallow, MESSAGE_DEPTH_MAX } from '../wire/index.ts'
import { MuxChannel, RESET_CODE } from './channel.ts'
import { CreditPool } from './credit-pool.ts'
import {
  afterCredit,
  CHANNEL_HEADER_BYTES_MAX,
  CHANNEL_ID_MAX,
  encodeCredit,
  encodeReason,
  isCode,
  KIND,
  type Kind,
  malformed,
  parseJson,
  parseReason,
  type Reason,
  readCredit,
} from './frame.ts'
import type { ResolvedSessionOptions } from './options.ts'

/** What a table asks of its session. */
export interface ChannelTablePorts {
  /** Sends a frame about a channel. */
  send(kind: Kind, channel: number, payload?: Uint8Array): void
  /** The channel waits for its turn. */
  onReady(channel: MuxChannel): void
  /** The channel is over. */
  onOver(channel: MuxChannel): void
  /** The other side wants to open one. */
  onOffer(offer: ChannelOffer): void
}

/** A channel of ours that the other side has not answered. */
interface Opening {
  readonly header: JsonValue
  readonly channel: MuxChannel
  readonly resolve: (channel: MuxChannel) => void
  readonly reject: (error: GossipError) => void
}

const encoder = new TextEncoder()

/** All channels of one session. */
export class ChannelTable {
  readonly #ports: ChannelTablePorts
  readonly #pool: CreditPool
  readonly #channelsMax: number
  readonly #channels = new Map<number, MuxChannel>()
  readonly #openings = new Map<number, Opening>()
  /** Numbers of ours: odd for the side that dialled. */
  readonly #ownParity: 0 | 1
  #lastOwnId: number
  #lastTheirId = 0
  #ownCount = 0
  #theirCount = 0
  /** Why the session is over. */
  #error: GossipError | undefined

  /** @param hasDialled - whether this side dialled the session */
  constructor(hasDialled: boolean, limits: ResolvedSessionOptions, ports: ChannelTablePorts) {
    this.#ports = ports
    this.#pool = new CreditPool(limits)
    this.#channelsMax = limits.channelsMax
    this.#ownParity = hasDialled ? 1 : 0
    this.#lastOwnId = hasDialled ? -1 : 0
  }

  /** Channels that are not over. */
  get size(): number {
    return this.#channels.size
  }

  /** Bytes that arrived and nobody has read. O(channels). */
  get unreadBytes(): number {
    let bytes = 0
    for (const channel of this.#channels.values()) bytes += channel.unreadBytes
    return bytes
  }

  /**
   * Asks the other side for a channel.
   *
   * @throws {InvalidValueError | FrameTooLargeError | LifecycleError | TransportError} as a rejection, see `Session.open`
   */
  open(header: JsonValue, signal: AbortSignal | undefined): Promise<MuxChannel> {
    return new Promise((resolve, reject) => {
      const bytes = encodeHeader(header)
      if (this.#error !== undefined) throw this.#error
      if (signal?.aborted === true) throw aborted()
      if (this.#ownCount >= this.#channelsMax || this.#lastOwnId + 2 > CHANNEL_ID_MAX)
        throw limitError(this.#channelsMax)
      this.#lastOwnId += 2
      const id = this.#lastOwnId
      const channel = this.#add(id, JSON.parse(new TextDecoder().decode(bytes)) as JsonValue)
      const onAbort = (): void => {
        if (!this.#openings.delete(id)) return
        channel.reset(RESET_CODE)
        reject(aborted())
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const settled = (): void => signal?.removeEventListener('abort', onAbort)
      this.#openings.set(id, {
        header,
        channel,
        resolve: (opened) => {
          settled()
          resolve(opened)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      })
      this.#ports.send(KIND.open, id, joined(encodeCredit(channel.initialCredit), bytes))
    })
  }

  /**
   * Takes a frame about a channel, other than bytes.
   *
   * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`
   */
  onFrame(kind: Kind, id: number, payload: Uint8Array): void {
    if (kind === KIND.open) {
      this.#onOpen(id, payload)
      return
    }
    // What cannot be read is an offence also where nobody waits for it any more.
    const reason = kind === KIND.refused || kind === KIND.reset ? parseReason(payload, fallbackOf(kind)) : undefined
    const channel = this.#find(id)
    if (channel === undefined) return
    if (kind === KIND.accepted || kind === KIND.refused) this.#onAnswer(id, payload, reason)
    else if (reason !== undefined) this.#onReset(channel, reason)
    else if (this.#openings.has(id)) throw malformed('something came on a channel that was not accepted')
    else if (kind === KIND.credit) channel.onCredit(readCredit(payload))
    else channel.onEnd()
  }

  /**
   * Takes bytes of a channel.
   *
   * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`
   */
  onData(id: number, bytes: Uint8Array): void {
    const channel = this.#find(id)
    if (channel === undefined) return
    if (this.#openings.has(id)) throw malformed('bytes came on a channel that was not accepted')
    channel.onData(bytes)
  }

  /** The session is over: everything pending fails. */
  fail(error: GossipError): void {
    this.#error = error
    const openings = [...this.#openings.values()]
    this.#openings.clear()
    for (const channel of [...this.#channels.values()]) channel.fail(error)
    for (const opening of openings) opening.reject(error)
  }

  #add(id: number, header: JsonValue): MuxChannel {
    const channel = new MuxChannel(id, header, this.#pool, {
      send: (kind, payload) => this.#ports.send(kind, id, payload),
      onReady: (ready) => this.#ports.onReady(ready),
      onOver: (over) => this.#forget(over),
    })
    this.#channels.set(id, channel)
    if (this.#isOwn(id)) this.#ownCount++
    else this.#theirCount++
    return channel
  }

  #forget(channel: MuxChannel): void {
    if (!this.#channels.delete(channel.id)) return
    if (this.#isOwn(channel.id)) this.#ownCount--
    else this.#theirCount--
    this.#ports.onOver(channel)
  }

  #isOwn(id: number): boolean {
    return (id & 1) === this.#ownParity
  }

  /** The channel, or undefined if it is over. */
  #find(id: number): MuxChannel | undefined {
    if (id > (this.#isOwn(id) ? this.#lastOwnId : this.#lastTheirId)) throw malformed(`channel ${id} was never opened`)
    return this.#channels.get(id)
  }

  #onOpen(id: number, payload: Uint8Array): void {
    if (this.#isOwn(id) || id <= this.#lastTheirId) throw malformed(`channel ${id} is not theirs to open`)
    this.#lastTheirId = id
    const header = parseJson(afterCredit(payload), 'the header of a channel')
    if (!isShallow(header, MESSAGE_DEPTH_MAX)) throw malformed(`a header is nested over ${MESSAGE_DEPTH_MAX} levels`)
    if (this.#theirCount >= this.#channelsMax) {
      const message = `the other side takes ${this.#channelsMax} channels`
      this.#ports.send(KIND.refused, id, encodeReason({ code: 'GOSSIP_CHANNEL_LIMIT', message }))
      return
    }
    this.#offer(id, header as JsonValue, readCredit(payload))
  }

  #offer(id: number, header: JsonValue, credit: number): void {
    let isAnswered = false
    const answer = (): void => {
      if (this.#error !== undefined) throw this.#error
      if (isAnswered) throw answeredError()
      isAnswered = true
    }
    const refuse = ({ code, message }: Reason): void => {
      this.#ports.send(KIND.refused, id, encodeReason({ code, message }))
    }
    this.#ports.onOffer({
      header,
      accept: () => {
        answer()
        const channel = this.#add(id, header)
        this.#ports.send(KIND.accepted, id, encodeCredit(channel.initialCredit))
        channel.onCredit(credit)
        return channel
      },
      refuse: (code, message = '') => {
        if (!isCode(code)) throw new InvalidOptionError('code', 'capitals as in ACME_STREAM_REFUSED, at most 64', code)
        answer()
        refuse({ code, message })
      },
    })
    if (isAnswered) return
    isAnswered = true
    refuse({ code: 'GOSSIP_CHANNEL_REFUSED', message: 'nobody takes such channels' })
  }

  #onAnswer(id: number, payload: Uint8Array, reason: Reason | undefined): void {
    const opening = this.#openings.get(id)
    if (opening === undefined) throw malformed(`channel ${id} was answered and was not open`)
    this.#openings.delete(id)
    if (reason === undefined) {
      opening.channel.onCredit(readCredit(payload))
      opening.resolve(opening.channel)
    } else this.#failOpening(opening, reason)
  }

  #onReset(channel: MuxChannel, reason: Reason): void {
    const opening = this.#openings.get(channel.id)
    this.#openings.delete(channel.id)
    if (opening === undefined) channel.onReset(reason)
    else this.#failOpening(opening, reason)
  }

  #failOpening({ channel, reject }: Opening, { code, message }: Reason): void {
    const problem = message === '' ? 'the other side refused the channel' : message
    const error = new TransportError(code, problem, { direction: 'outbound' })
    channel.fail(error)
    reject(error)
  }
}

function fallbackOf(kind: Kind): string {
  return kind === KIND.refused ? 'GOSSIP_CHANNEL_REFUSED' : RESET_CODE
}

function encodeHeader(header: JsonValue): Uint8Array {
  let text: string | undefined
  try {
    text = JSON.stringify(header)
  } catch (cause) {
    throw Object.assign(new InvalidValueError('header', 'cannot be said in JSON'), { cause })
  }
  if (text === undefined) throw new InvalidValueError('header', 'cannot be said in JSON')
  if (!isShallow(header, MESSAGE_DEPTH_MAX)) {
    throw new InvalidValueError('header', `is nested over ${MESSAGE_DEPTH_MAX} levels`)
  }
  const bytes = encoder.encode(text)
  if (bytes.length <= CHANNEL_HEADER_BYTES_MAX) return bytes
  throw new FrameTooLargeError(bytes.length, CHANNEL_HEADER_BYTES_MAX, { direction: 'outbound' })
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

function aborted(): LifecycleError {
  return new LifecycleError('GOSSIP_ABORTED', 'the signal was raised before the channel was open')
}

function limitError(channelsMax: number): TransportError {
  const problem = `this side has ${channelsMax} channels open`
  return new TransportError('GOSSIP_CHANNEL_LIMIT', problem, { direction: 'outbound' })
}

function answeredError(): TransportError {
  const problem = 'the channel was answered already: accept or refuse it once, before the listener returns'
  return new TransportError('GOSSIP_CHANNEL_REFUSED', problem, { direction: 'inbound' })
}
