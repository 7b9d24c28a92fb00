/**
 * Requests of the other side that are being handled, on one session. Each has one answer at most, and holds its place
 * until the answer was sent, so a peer that asks and does not read is bounded by the number of places.
 */

import { GossipError, type Session } from '../core/index.ts'
import { codeOf, MessagingError, messageOf } from './errors.ts'
import type { FrameQueue } from './frame-queue.ts'
import type { Handler, MessageContext } from './handler.ts'
import { encodeFailure, encodeResult, type Message } from './message.ts'
import { encodePayload } from './payload.ts'

/** A request that was read. */
export type RequestMessage = Extract<Message, { readonly kind: 'request' }>

/** The bounded table of one session. */
export class InboundRequests {
  readonly #session: Session
  readonly #queue: FrameQueue
  readonly #max: number
  readonly #running = new Map<number, AbortController>()
  #places = 0
  #lastId = 0
  /** Refusals that wait to be sent. */
  #refusals = 0

  /** @param facts - `max`: requests that may be handled at once */
  constructor(facts: { readonly session: Session; readonly queue: FrameQueue; readonly max: number }) {
    this.#session = facts.session
    this.#queue = facts.queue
    this.#max = facts.max
  }

  /** Requests whose answers were not sent yet. */
  get size(): number {
    return this.#places
  }

  /**
   * Answers a request: now, if there is no handler, else when it is done.
   *
   * @param handler - or why there is none
   * @throws {MessagingError} `GOSSIP_FRAME_MALFORMED`: the number was used before; `GOSSIP_QUEUE_FULL`: the peer goes on
   *   asking and reads no answers
   */
  take({ id, payload }: RequestMessage, handler: Handler | GossipError): void {
    const peer = this.#session.remote.id
    if (id <= this.#lastId) throw new MessagingError('GOSSIP_FRAME_MALFORMED', 'a number was used again', { peer })
    this.#lastId = id
    if (handler instanceof GossipError) this.#refuse(id, handler)
    else if (this.#places >= this.#max) {
      const problem = `${this.#max} requests of one peer are being handled already`
      this.#refuse(id, new MessagingError('GOSSIP_REQUEST_LIMIT', problem, { peer }))
    } else void this.#handle(id, handler, payload)
  }

  /** The caller has lost interest: there will be no answer. */
  cancel(id: number, reason: GossipError): void {
    this.#running.get(id)?.abort(reason)
    this.#running.delete(id)
  }

  /** The session is over. */
  fail(error: GossipError): void {
    const running = [...this.#running.values()]
    this.#running.clear()
    for (const controller of running) controller.abort(error)
  }

  async #handle(id: number, handler: Handler, payload: RequestMessage['payload']): Promise<void> {
    const controller = new AbortController()
    this.#running.set(id, controller)
    this.#places++
    const context: MessageContext = {
      from: this.#session.remote.id,
      way: 'request',
      session: this.#session,
      signal: controller.signal,
    }
    let answer: Uint8Array
    try {
      answer = encodeResult(id, encodePayload(await handler(payload, context)))
      this.#queue.assertFits(answer.length)
    } catch (thrown) {
      answer = encodeFailure(id, codeOf(thrown, 'GOSSIP_HANDLER_FAILED'), messageOf(thrown))
    }
    const isWanted = this.#running.delete(id)
    if (isWanted) this.#queue.answer(answer, () => this.#places--)
    else this.#places--
  }

  #refuse(id: number, error: GossipError): void {
    if (this.#refusals >= this.#max) {
      const peer = this.#session.remote.id
      throw new MessagingError('GOSSIP_QUEUE_FULL', `${this.#refusals} refusals wait for ${peer} to read`, { peer })
    }
    this.#refusals++
    this.#queue.answer(encodeFailure(id, error.code, error.message), () => this.#refusals--)
  }
}
