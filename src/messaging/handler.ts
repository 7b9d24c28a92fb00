/** What handles messages, and the names under which it is found. */

import { InvalidOptionError, isName, isPlainObject, type Session } from '../core/index.ts'
import { MessagingError } from './errors.ts'
import type { Payload } from './payload.ts'

/** How a message came: only a request has an answer. */
export type Way = 'request' | 'send' | 'datagram'

/** What a handler is told about a message. */
export interface MessageContext {
  /** The id of the sender. */
  readonly from: string
  readonly way: Way
  /** The session it came on; undefined for a datagram. */
  readonly session: Session | undefined
  /** Raised when the sender has lost interest or is gone: nobody will read the answer. */
  readonly signal: AbortSignal
}

/**
 * Handles messages. What it returns, or its promise resolves with, is the answer: JSON, bytes or nothing. What it
 * throws is the answer too: a `code` in capitals and the message travel.
 */
export type Handler = (payload: Payload, context: MessageContext) => unknown

/** Handlers by name, of one space. */
export class HandlerTable<H extends (...parameters: never[]) => unknown = Handler> {
  readonly #max: number
  readonly #handlers = new Map<string, H>()

  /** @param max - names that may have handlers */
  constructor(max: number) {
    this.#max = max
  }

  /**
   * Gives a name its handler.
   *
   * @returns takes it away again
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, or `GOSSIP_HANDLER_LIMIT` when there are too many
   * @throws {InvalidOptionError} no name, or no function
   */
  add(name: string, handler: H): () => void {
    assertName('name', name)
    assertHandler(handler)
    if (this.#handlers.has(name)) {
      throw new MessagingError('GOSSIP_HANDLER_TAKEN', `${JSON.stringify(name)} has a handler already`)
    }
    if (this.#handlers.size >= this.#max) {
      throw new MessagingError('GOSSIP_HANDLER_LIMIT', `${this.#max} names have handlers already`)
    }
    this.#handlers.set(name, handler)
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name)
    }
  }

  /** The handler of a name. */
  find(name: string): H | undefined {
    return this.#handlers.get(name)
  }
}

/** @throws {InvalidOptionError} not 1 to 256 bytes of text */
export function assertName(option: string, name: unknown): asserts name is string {
  if (!isName(name)) throw new InvalidOptionError(option, 'a text of 1 to 256 bytes', name)
}

/**
 * Checks that something can be called here. What has a worker was made a function before, where that works.
 *
 * @throws {InvalidOptionError} no function
 * @throws {MessagingError} `GOSSIP_WORKERS_UNSUPPORTED`
 */
export function assertHandler(handler: unknown): asserts handler is Handler {
  if (typeof handler === 'function') return
  if (!isPlainObject(handler) || !Object.hasOwn(handler, 'worker')) {
    throw new InvalidOptionError('handler', 'a function', handler)
  }
  throw new MessagingError('GOSSIP_WORKERS_UNSUPPORTED', 'handlers have workers only on Node: give a function here')
}
