/**
 * The receiving side of an outbox: handles what others deliver, one letter of a sender after the other, and says that it
 * was handled only when it is durable that it was. What comes again is acknowledged again, and not handled again.
 */

import type { GossipError } from '../../core/index.ts'
import { asError, MessagingError } from '../errors.ts'
import { HandlerTable, type MessageContext } from '../handler.ts'
import type { Payload } from '../payload.ts'
import { answerOf, type Delivery, decodeDelivery, failureOf, type Verdict } from './delivery.ts'
import { OutboxError } from './errors.ts'
import type { Ledger } from './ledger.ts'
import type { ResolvedOutboxOptions } from './options.ts'
import type { Watermarks } from './watermarks.ts'

/** What a handler is told about a message of an outbox. */
export interface OutboxContext {
  /** The id of the sender. */
  readonly from: string
  /** The same whenever the message comes again: what a handler can tell a repetition by. */
  readonly id: string
  /** Raised when the sender is gone or has waited too long: it will send the message again. */
  readonly signal: AbortSignal
}

/** Handles a message. When it returns, or its promise resolves, the message is acknowledged; what it throws refuses it. */
export type OutboxHandler = (payload: Payload, context: OutboxContext) => unknown

/** What an inbox is made with. */
export interface InboxSetup {
  readonly options: ResolvedOutboxOptions
  readonly watermarks: Watermarks
  readonly ledger: Ledger
  tellError(error: GossipError): void
}

/** The inbox of one outbox. */
export class Inbox {
  readonly #setup: InboxSetup
  readonly #handlers: HandlerTable<OutboxHandler>
  /** The last letter of each sender that is being handled or waits to be. */
  readonly #turns = new Map<string, Promise<void>>()
  #isOpen = false

  constructor(setup: InboxSetup) {
    this.#setup = setup
    this.#handlers = new HandlerTable(setup.options.handlersMax)
  }

  /** Gives a name its handler; see `Outbox.handle`. */
  handle(name: string, handler: OutboxHandler): () => void {
    return this.#handlers.add(name, handler)
  }

  /** Takes letters from now on. */
  open(): void {
    this.#isOpen = true
  }

  /** Takes no more letters. Resolves when nothing is being handled any more, or after a time. */
  async close(): Promise<void> {
    this.#isOpen = false
    if (this.#turns.size === 0) return
    const { system, closeTimeoutMs } = this.#setup.options
    await new Promise<void>((resolve) => {
      const cancel = system.startTimer(resolve, closeTimeoutMs)
      void Promise.all(this.#turns.values()).then(() => {
        cancel()
        resolve()
      })
    })
  }

  /**
   * Takes a letter, and answers it.
   *
   * @throws {GossipError} as a rejection: it was neither handled nor refused; it may come again
   */
  async take(payload: Payload, context: MessageContext): Promise<Payload> {
    const { from, session, way } = context
    const delivery = decodeDelivery(payload)
    if (delivery === undefined || way !== 'request') {
      const error = new MessagingError('GOSSIP_FRAME_MALFORMED', `${from} delivers what is no message`, { peer: from })
      this.#setup.tellError(error)
      void session?.close(error.message)
      throw error
    }
    const former = this.#turns.get(from) ?? Promise.resolve()
    const verdict = former.then(() => this.#takeInTurn(delivery, context))
    const turn = verdict.then(
      () => {},
      () => {},
    )
    this.#turns.set(from, turn)
    void turn.then(() => {
      if (this.#turns.get(from) === turn) this.#turns.delete(from)
    })
    return answerOf(await verdict)
  }

  async #takeInTurn(delivery: Delivery, { from, signal }: MessageContext): Promise<Verdict> {
    if (!this.#isOpen) throw new OutboxError('GOSSIP_OUTBOX_CLOSED', 'this outbox is not open')
    // Nobody would read the answer, and by now the same letter may have come on another session.
    if (signal.aborted) throw asError(signal.reason)
    const { watermarks, ledger, options } = this.#setup
    const { stream, number, id, name, payload } = delivery
    if (!watermarks.covers(from, stream, number)) {
      const handler = this.#handlers.find(name)
      if (handler === undefined) {
        return { code: 'GOSSIP_HANDLER_UNKNOWN', message: `nobody handles ${JSON.stringify(name)}` }
      }
      try {
        await handler(payload, { from, id, signal })
      } catch (thrown) {
        return failureOf(thrown)
      }
      const changed = watermarks.note(from, stream, number, Math.floor(options.system.wallClockMs()))
      for (const sender of changed) ledger.markSender(sender)
    }
    await ledger.flushed()
    return 'handled'
  }
}
