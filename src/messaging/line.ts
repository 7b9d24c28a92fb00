/**
 * The messages of one session, both ways: requests and their answers, sends, and what becomes of them when the session
 * ends. Answers are matched by numbers of this session, so none can reach a caller of another one.
 */

import { type GossipError, type Session, TransportError } from '../core/index.ts'
import { asError, MessagingError, RemoteError } from './errors.ts'
import { FrameQueue } from './frame-queue.ts'
import type { Handler, Way } from './handler.ts'
import { InboundRequests } from './inbound-requests.ts'
import {
  decodeMessage,
  encodeCancel,
  encodeRequest,
  encodeSend,
  isMessage,
  type Message,
  type Target,
} from './message.ts'
import type { Payload } from './payload.ts'
import { PendingRequests } from './pending-requests.ts'

/** What a line asks of its messenger. */
export interface LinePorts {
  /** Who handles what is sent there; else why nobody does. */
  handlerOf(target: Target, way: Way): Handler | GossipError
  /** Handles what needs no answer. */
  onSend(target: Target, payload: Payload, session: Session): void
  /** A peer broke a rule, and its session was ended. */
  tellError(error: GossipError): void
  /** The session is over, and everything on it has failed. */
  onOver(line: Line, error: GossipError | undefined): void
}

/** How much one line may hold. */
export interface LineLimits {
  readonly requestsMax: number
  readonly inboundRequestsMax: number
  readonly queueBytesMax: number
}

/** One end of a session, as messages see it. */
export class Line {
  readonly session: Session
  readonly #ports: LinePorts
  readonly #queue: FrameQueue
  readonly #pending: PendingRequests
  readonly #inbound: InboundRequests

  /** It listens to the session from now on. */
  constructor(session: Session, limits: LineLimits, ports: LinePorts) {
    this.session = session
    this.#ports = ports
    this.#queue = new FrameQueue(session, limits.queueBytesMax)
    this.#pending = new PendingRequests({ max: limits.requestsMax, peer: session.remote.id })
    this.#inbound = new InboundRequests({ session, queue: this.#queue, max: limits.inboundRequestsMax })
    session.on('close', (error) => this.#onClose(error))
    session.on('frame', (frame) => this.#onFrame(frame))
  }

  /** Requests of this side that wait for answers. */
  get pending(): number {
    return this.#pending.size
  }

  /** Requests of the other side that wait for answers. */
  get serving(): number {
    return this.#inbound.size
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param body - a payload as `encodePayload` writes it
   * @param signal - raised when the answer is not wanted any more: the other side is told
   * @throws {RemoteError} as a rejection: the other side answered with a failure
   * @throws {MessagingError | GossipError} as a rejection: it could not be asked, or the session ended. The signal's reason
   */
  request(target: Target, body: Uint8Array, signal: AbortSignal): Promise<Payload> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw asError(signal.reason)
      if (this.session.isClosed) throw this.#closedError()
      const onAbort = (): void => {
        if (this.#pending.take(id) === undefined) return
        if (!this.session.isClosed) this.#queue.answer(encodeCancel(id), () => {})
        reject(asError(signal.reason))
      }
      const settled = (): void => signal.removeEventListener('abort', onAbort)
      const id = this.#pending.add({
        resolve: (result) => {
          settled()
          resolve(result)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      })
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        this.#queue.push(encodeRequest(id, target, body))
      } catch (error) {
        this.#pending.take(id)?.reject(asError(error))
      }
    })
  }

  /**
   * Sends one way.
   *
   * @param body - a payload as `encodePayload` writes it
   * @returns resolves when there is room for more
   * @throws {MessagingError | GossipError} as a rejection: it was not taken, or the session ended before it had left
   */
  async send(target: Target, body: Uint8Array): Promise<void> {
    if (this.session.isClosed) throw this.#closedError()
    this.#queue.push(encodeSend(target, body))
    await this.#queue.room()
  }

  #onFrame(frame: Uint8Array): void {
    if (!isMessage(frame)) return
    try {
      const message = decodeMessage(frame)
      if (message === undefined) throw this.#malformed('it cannot be read')
      this.#onMessage(message)
    } catch (error) {
      this.#ports.tellError(error as GossipError)
      void this.session.close((error as GossipError).message)
    }
  }

  #onMessage(message: Message): void {
    switch (message.kind) {
      case 'request':
        this.#inbound.take(message, this.#ports.handlerOf(message.target, 'request'))
        return
      case 'cancel':
        this.#inbound.cancel(message.id, new TransportError('GOSSIP_ABORTED', 'the caller gave up', this.#facts))
        return
      case 'send':
        this.#ports.onSend(message.target, message.payload, this.session)
        return
      case 'result':
        this.#answered(message.id)?.resolve(message.payload)
        return
      case 'failure':
        this.#answered(message.id)?.reject(new RemoteError(message.code, message.message, this.session.remote.id))
    }
  }

  #answered(id: number): ReturnType<PendingRequests['take']> {
    if (!this.#pending.knows(id)) throw this.#malformed('an answer to nothing')
    return this.#pending.take(id)
  }

  #onClose(error: GossipError | undefined): void {
    const reason = error ?? this.#closedError()
    this.#pending.failAll(reason)
    this.#inbound.fail(reason)
    this.#queue.fail(reason)
    this.#ports.onOver(this, error)
  }

  get #facts(): { readonly peer: unknown; readonly direction: 'inbound' } {
    return { peer: this.session.remote, direction: 'inbound' }
  }

  #malformed(problem: string): MessagingError {
    const { id } = this.session.remote
    return new MessagingError('GOSSIP_FRAME_MALFORMED', `a message of ${id}: ${problem}`, { peer: id })
  }

  #closedError(): MessagingError {
    const { id } = this.session.remote
    return new MessagingError('GOSSIP_SESSION_CLOSED', `the session with ${id} was closed`, { peer: id })
  }
}
