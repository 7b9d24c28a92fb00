/**
 * A session with oneself, without a transport: what is sent arrives a microtask later, as it would from anybody else,
 * so that whoever asks the owner of something need not care whether that is himself.
 */

import {
  type Channel,
  type ChannelOffer,
  FrameTooLargeError,
  type GossipError,
  InvalidOptionError,
  type JsonValue,
  LifecycleError,
  type ListenerError,
  SafeEmitter,
  type SenderRef,
  type Session,
  type SessionEvents,
  TransportError,
} from '../core/index.ts'
import { isCode } from './errors.ts'
import { type LoopbackChannel, loopbackChannels } from './loopback-channel.ts'

/** As long as the frames of sessions are by default, bytes. */
const FRAME_BYTES_MAX = 1_048_576
/** Bytes of frames that wait for their turn. */
const QUEUE_BYTES_MAX = 8_388_608
const FACTS = { direction: 'outbound' } as const

/** One end. */
class LoopbackSession implements Session {
  readonly remote: SenderRef
  readonly direction: 'inbound' | 'outbound'
  /** Nobody else can have it. */
  readonly authenticated: boolean = true
  readonly frameBytesMax: number = FRAME_BYTES_MAX
  other: LoopbackSession | undefined
  readonly #emitter: SafeEmitter<SessionEvents>
  readonly #channels = new Set<LoopbackChannel>()
  #queuedBytes = 0
  #isDrainDue = false
  #isClosed = false

  constructor(remote: SenderRef, direction: 'inbound' | 'outbound', tellError: (error: Error) => void) {
    this.remote = remote
    this.direction = direction
    this.#emitter = new SafeEmitter<SessionEvents>((error: ListenerError) => tellError(error))
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  send(frame: Uint8Array): boolean {
    if (frame.length > FRAME_BYTES_MAX) throw new FrameTooLargeError(frame.length, FRAME_BYTES_MAX, FACTS)
    if (this.#isClosed) throw closedError()
    if (this.#queuedBytes > 0 && this.#queuedBytes + frame.length > QUEUE_BYTES_MAX) {
      throw new TransportError('GOSSIP_QUEUE_FULL', `${this.#queuedBytes} bytes of frames wait already`, FACTS)
    }
    const copy = frame.slice()
    this.#queuedBytes += copy.length
    queueMicrotask(() => {
      this.#queuedBytes -= copy.length
      if (!this.#isClosed && this.other !== undefined) this.other.#emitter.emit('frame', copy)
      if (this.#queuedBytes > 0 || !this.#isDrainDue) return
      this.#isDrainDue = false
      this.#emitter.emit('drain')
    })
    this.#isDrainDue ||= this.#queuedBytes > QUEUE_BYTES_MAX / 2
    return !this.#isDrainDue
  }

  async open(header: JsonValue, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Channel> {
    if (options.signal?.aborted === true) throw new LifecycleError('GOSSIP_ABORTED', 'the signal was raised')
    await Promise.resolve()
    if (this.#isClosed || this.other === undefined) throw closedError()
    const [ours, theirs] = loopbackChannels(JSON.parse(JSON.stringify(header)) as JsonValue)
    let answer: LoopbackChannel | TransportError | undefined
    const settle = (given: LoopbackChannel | TransportError): void => {
      if (answer !== undefined) throw new TransportError('GOSSIP_CHANNEL_REFUSED', 'it was answered already', FACTS)
      answer = given
    }
    const offer: ChannelOffer = {
      header: theirs.header,
      accept: () => {
        settle(theirs)
        return theirs
      },
      refuse: (code, message = '') => {
        if (!isCode(code)) throw new InvalidOptionError('code', 'capitals as in ACME_STREAM_REFUSED, at most 64', code)
        settle(new TransportError(code, message, FACTS))
      },
    }
    this.other.#emitter.emit('channel', offer)
    answer ??= new TransportError('GOSSIP_CHANNEL_REFUSED', 'nobody takes such channels', FACTS)
    if (answer instanceof TransportError) throw answer
    this.#keep(ours)
    return ours
  }

  async close(): Promise<void> {
    this.#over()
    if (this.other !== undefined) this.other.#over()
  }

  on<E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): this {
    this.#emitter.on(event, listener)
    return this
  }

  off<E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  #keep(channel: LoopbackChannel): void {
    this.#channels.add(channel)
    void channel.over.then(() => this.#channels.delete(channel))
  }

  #over(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const error: GossipError = closedError()
    for (const channel of this.#channels) channel.fail(error)
    this.#emitter.emit('close', undefined)
  }
}

/**
 * Both ends of a session of a node with itself.
 *
 * @param self - who the node is
 * @param tellError - told when a listener throws
 */
export function loopbackSessions(self: SenderRef, tellError: (error: Error) => void): readonly [Session, Session] {
  const [near, far] = [
    new LoopbackSession(self, 'outbound', tellError),
    new LoopbackSession(self, 'inbound', tellError),
  ]
  near.other = far
  far.other = near
  return [near, far]
}

function closedError(): TransportError {
  return new TransportError('GOSSIP_SESSION_CLOSED', 'the session was closed', FACTS)
}
