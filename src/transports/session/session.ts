/**
 * A session over a pipe whose hellos have passed: frames and channels share the pipe by turns, credit keeps channels
 * from holding each other up, and whatever ends it ends everything on it with one code.
 */

import {
  FrameTooLargeError,
  type GossipError,
  type Hello,
  type JsonValue,
  type ListenerError,
  SafeEmitter,
  type SenderRef,
  type Session,
  type SessionEvents,
  type System,
  TransportError,
} from '../../core/index.ts'
import type { MuxChannel } from './channel.ts'
import { ChannelTable } from './channel-table.ts'
import { encodeReason, KIND, type Kind, malformed, parseReason } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { KeepAlive } from './keep-alive.ts'
import type { ResolvedSessionOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { endPipe, type Pipe } from './pipe.ts'
import { plainBytes } from './plain-bytes.ts'

/** What a session is made of. */
export interface SessionFacts {
  readonly pipe: Pipe
  readonly remote: SenderRef
  /** The hello of the other side. */
  readonly hello: Hello
  readonly direction: 'inbound' | 'outbound'
  readonly authenticated: boolean
  /** Longest frame that the other side takes. */
  readonly remoteFrameBytesMax: number
  readonly limits: ResolvedSessionOptions
  readonly system: System
  /** A listener threw. */
  readonly tellError: (error: Error) => void
  /** It is over; told before `close` is. */
  readonly onOver: (session: MuxSession) => void
}

const NOBODY_KNOWS = new Uint8Array(8)

/** One end of a session. */
export class MuxSession implements Session {
  readonly remote: SenderRef
  readonly hello: Hello
  readonly direction: 'inbound' | 'outbound'
  readonly authenticated: boolean
  readonly frameBytesMax: number
  /** Resolves when the pipe is closed. */
  readonly gone: Promise<void>
  readonly #facts: SessionFacts
  readonly #emitter: SafeEmitter<SessionEvents>
  readonly #outbox: Outbox
  readonly #channels: ChannelTable
  readonly #reader: FrameReader
  readonly #keepAlive: KeepAlive
  #onGone: () => void = () => {}
  /** Called when somebody takes an interest in what arrives. */
  #onInterest: () => void = () => {}
  /** What arrived before it is read; undefined once it is. */
  #early: Uint8Array[] | undefined
  #isPipeClosed = false
  /** A pong that is due: of several pings in one turn only the last is answered. */
  #pong: Uint8Array | undefined
  #isClosed = false

  /** It says and hears nothing before {@link start}. */
  constructor(facts: SessionFacts) {
    const { limits, system, pipe } = facts
    this.remote = facts.remote
    this.hello = facts.hello
    this.direction = facts.direction
    this.authenticated = facts.authenticated
    this.frameBytesMax = Math.min(limits.frameBytesMax, facts.remoteFrameBytesMax)
    this.gone = new Promise((resolve) => (this.#onGone = resolve))
    this.#facts = facts
    this.#emitter = new SafeEmitter<SessionEvents>((error: ListenerError) => facts.tellError(error))
    this.#outbox = new Outbox(pipe, limits, () => system.now(), {
      onDrain: () => void this.#emitter.emit('drain'),
      onAnswersFull: () => this.#fail(malformed('the peer asks and does not read the answers')),
    })
    this.#channels = new ChannelTable(facts.direction === 'outbound', limits, {
      send: (kind, id, payload = new Uint8Array(0)) => this.#outbox.answer(kind, id, payload),
      onReady: (channel: MuxChannel) => this.#outbox.ready(channel),
      onOver: (channel: MuxChannel) => this.#outbox.forget(channel),
      onOffer: (offer) => void this.#emitter.emit('channel', offer),
    })
    this.#reader = new FrameReader(
      {
        onFrame: (kind, channel, payload) => this.#onFrame(kind, channel, payload),
        onData: (channel, bytes) => this.#channels.onData(channel, bytes),
      },
      limits.frameBytesMax,
    )
    this.#keepAlive = new KeepAlive(system, limits, {
      blockedSinceMs: () => this.#outbox.blockedSinceMs,
      ping: () => this.#outbox.answer(KIND.ping, 0, NOBODY_KNOWS),
      onLost: () => this.#lose(`the peer was silent for ${limits.silenceTimeoutMs} ms`),
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Channels that are not over. */
  get channelCount(): number {
    return this.#channels.size
  }

  /** Bytes that arrived on channels and nobody has read. O(channels). */
  get unreadBytes(): number {
    return this.#channels.unreadBytes
  }

  /** Bytes of frames that wait to be sent. */
  get queuedFrameBytes(): number {
    return this.#outbox.frameBytes
  }

  /**
   * Takes over the pipe.
   *
   * @param rest - what came behind the hello
   */
  start(rest: Uint8Array): void {
    this.#attach(rest)
    this.#begin()
  }

  /**
   * Takes over the pipe, and reads it once somebody listens or a turn of the event loop has passed: whoever awaits
   * `connect` adds his listeners a little later, and is to miss nothing.
   *
   * @param rest - what came behind the hello
   */
  startSoon(rest: Uint8Array): void {
    this.#attach(rest)
    const cancel = this.#facts.system.startTimer(() => this.#begin(), 0)
    // Listeners that are added in one go are all there when the first byte is read.
    this.#onInterest = () => {
      cancel()
      queueMicrotask(() => this.#begin())
    }
  }

  send(frame: Uint8Array): boolean {
    if (frame.length > this.frameBytesMax) {
      throw new FrameTooLargeError(frame.length, this.frameBytesMax, { peer: this.remote, direction: 'outbound' })
    }
    if (this.#isClosed) throw this.#closedError()
    return this.#outbox.frame(frame)
  }

  async open(header: JsonValue, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<MuxChannel> {
    if (this.#isClosed) throw this.#closedError()
    this.#onInterest()
    return this.#channels.open(header, options.signal)
  }

  /** Ends it on purpose: frames that were sent still leave, streams that have not ended fail. */
  close(reason: string = ''): Promise<void> {
    if (this.#isClosed) return this.gone
    const goodbye = reason === '' ? new Uint8Array(0) : encodeReason({ code: '', message: reason })
    this.#over(undefined, goodbye)
    return this.gone
  }

  /** Ends it because another took its place, or for another reason with a code that the other side is told. */
  dismiss(code: string, message: string): void {
    const error = new TransportError(code, message, { peer: this.remote, direction: this.direction })
    this.#over(error, encodeReason({ code, message }))
  }

  /** Lets go of the pipe at once. */
  destroy(): void {
    this.#facts.pipe.destroy()
  }

  /** Whether the other side is there; if it does not say so in time, the session is lost. */
  async probe(timeoutMs: number): Promise<boolean> {
    if (this.#isClosed) return false
    this.#onInterest()
    if (await this.#keepAlive.probe(timeoutMs)) return true
    this.#lose(`the peer did not answer within ${timeoutMs} ms`)
    return false
  }

  on<E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): this {
    this.#emitter.on(event, listener)
    this.#onInterest()
    return this
  }

  off<E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  #attach(rest: Uint8Array): void {
    this.#early = rest.length > 0 ? [rest] : []
    this.#keepAlive.start()
    this.#facts.pipe.receive({
      onBytes: (bytes) => {
        if (this.#early === undefined) this.#onBytes(bytes)
        else this.#early.push(bytes)
      },
      onDrain: () => this.#outbox.onDrain(),
      onClosed: (error) => {
        this.#isPipeClosed = true
        this.#onGone()
        this.#begin()
        this.#lose(error?.message ?? 'the other side ended the connection', error)
      },
    })
  }

  #begin(): void {
    const early = this.#early
    this.#early = undefined
    this.#onInterest = () => {}
    if (early === undefined || this.#isClosed) return
    for (const bytes of early) this.#onBytes(bytes)
    if (!this.#isClosed) this.#facts.pipe.resume()
  }

  #onBytes(bytes: Uint8Array): void {
    this.#keepAlive.heard()
    try {
      this.#reader.push(plainBytes(bytes))
    } catch (error) {
      this.#fail(error instanceof TransportError ? error : malformed('it cannot be read', error))
    }
    const pong = this.#pong
    this.#pong = undefined
    if (pong !== undefined) this.#outbox.answer(KIND.pong, 0, pong)
  }

  #onFrame(kind: Kind, channel: number, payload: Uint8Array): void {
    switch (kind) {
      case KIND.frame:
        this.#emitter.emit('frame', payload.slice())
        return
      case KIND.ping:
        this.#pong = payload.slice()
        return
      case KIND.pong:
        return
      case KIND.goodbye:
        this.#onGoodbye(payload)
        return
      default:
        this.#channels.onFrame(kind, channel, payload)
    }
  }

  #onGoodbye(payload: Uint8Array): void {
    const { code, message } = payload.length === 0 ? { code: '', message: '' } : parseReason(payload, '')
    const facts = { peer: this.remote, direction: 'inbound' } as const
    this.#over(code === '' ? undefined : new TransportError(code, message, facts), undefined)
  }

  /** The other side broke a rule: it is told, and the session ends. */
  #fail(error: TransportError): void {
    const { code, message } = error
    const told = new TransportError(code, message, { peer: this.remote, direction: 'inbound', cause: error.cause })
    this.#over(told, encodeReason({ code, message }))
    this.#facts.tellError(told)
  }

  /** There is nobody to be told. */
  #lose(problem: string, cause?: Error): void {
    if (this.#isClosed) return
    const facts = { peer: this.remote, direction: this.direction, cause }
    this.#over(new TransportError('GOSSIP_SESSION_LOST', `the session was lost: ${problem}`, facts), undefined)
    this.#facts.pipe.destroy()
  }

  #over(error: GossipError | undefined, goodbye: Uint8Array | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#keepAlive.stop()
    this.#reader.stop()
    this.#channels.fail(error ?? this.#closedError())
    if (goodbye === undefined) this.#outbox.drop()
    else this.#outbox.finish(goodbye)
    const { pipe, system, limits } = this.#facts
    if (!this.#isPipeClosed) void endPipe(pipe, system, limits.closeTimeoutMs).then(() => this.#onGone())
    this.#facts.onOver(this)
    this.#emitter.emit('close', error)
  }

  #closedError(): TransportError {
    const facts = { peer: this.remote, direction: this.direction } as const
    return new TransportError('GOSSIP_SESSION_CLOSED', 'the session was closed', facts)
  }
}
