/**
 * What waits to be sent to one peer. Gossip repeats itself, so a message is worth nothing once a newer one of the same
 * kind and page exists: the newer one takes its place in the line. The line is bounded by dropping from its old end.
 */

import { assert } from '../../core/index.ts'
import type { ByteBudget } from './byte-budget.ts'

/** What a queue has to know of a message. */
export interface Queued {
  /** Kind and page: of two with the same key, only the newer is kept. */
  readonly key: string
  /** What it takes of the limits. */
  readonly bytes: number
}

/** An encoded message that waits: text, unless the transport encodes to something else. */
export interface QueuedMessage<Content = string> extends Queued {
  /** Whom it is meant for, where that is known. */
  readonly id: string | undefined
  /** Its size on the wire, that of a text in UTF-8, is `bytes`. */
  readonly text: Content
}

/** Bounds of a queue. */
export interface QueueLimits {
  readonly messagesMax: number
  readonly bytesMax: number
}

/** A first-in, first-out, newest-wins queue. Every operation is O(1), putting amortised. */
export class OutboundQueue<M extends Queued = QueuedMessage> {
  readonly #limits: QueueLimits
  readonly #budget: ByteBudget
  readonly #messages = new Map<string, M>()
  #bytes = 0

  /** @param budget - shared by all queues; put refuses what would pass it */
  constructor(limits: QueueLimits, budget: ByteBudget) {
    assert(limits.messagesMax >= 1 && limits.bytesMax >= 1)
    this.#limits = limits
    this.#budget = budget
  }

  /** Messages that wait. */
  get length(): number {
    return this.#messages.size
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Puts a message at the end, or in the place of an older one with its key.
   *
   * @returns whether it waits now; false if it is larger than the whole queue or the shared budget is used up
   */
  put(message: M): boolean {
    if (message.bytes > this.#limits.bytesMax) return false
    const replacedBytes = this.#messages.get(message.key)?.bytes ?? 0
    if (!this.#budget.hasRoom(message.bytes - replacedBytes)) return false
    this.#messages.set(message.key, message)
    this.#account(message.bytes - replacedBytes)
    while (this.length > this.#limits.messagesMax || this.#bytes > this.#limits.bytesMax) this.#dropOldest(message)
    return true
  }

  /** The message whose turn it is. */
  peek(): M | undefined {
    for (const message of this.#messages.values()) return message
    return undefined
  }

  /** Takes the message whose turn it is. */
  shift(): M | undefined {
    const message = this.peek()
    if (message !== undefined) this.#delete(message)
    return message
  }

  /** Drops everything. */
  clear(): void {
    this.#account(-this.#bytes)
    this.#messages.clear()
  }

  #dropOldest(newest: M): void {
    for (const message of this.#messages.values()) {
      if (message === newest) continue // It may stand in the place of the oldest.
      this.#delete(message)
      return
    }
    assert(false, 'a queue of one message is over its limits')
  }

  #delete(message: M): void {
    this.#messages.delete(message.key)
    this.#account(-message.bytes)
  }

  #account(bytes: number): void {
    this.#bytes += bytes
    if (bytes >= 0) this.#budget.add(bytes)
    else this.#budget.remove(-bytes)
  }
}
