/** Messages that go out later: copies, bounded in number and bytes, each with a timer that keeps no process alive. */

import type { System } from '../../core/index.ts'
import { ByteBudget } from '../wire/index.ts'
import { type KeptMessage, kept, type OutgoingMessage } from './message.ts'

/** How much may be held. */
export interface HeldLimits {
  readonly heldMessagesMax: number
  /** Bytes of the messages as JSON, addresses included. */
  readonly heldBytesMax: number
}

/** A message that waits. */
export interface Held {
  readonly kept: KeptMessage
  readonly leave: (message: OutgoingMessage) => void
}

/** Holds messages until their time has come, or until they are released or dropped. */
export class HeldMessages {
  readonly #startTimer: System['startTimer']
  readonly #messagesMax: number
  readonly #budget: ByteBudget
  /** With what cancels the timer. */
  readonly #held = new Map<Held, () => void>()

  constructor(system: System, limits: HeldLimits) {
    this.#startTimer = (callback, delayMs) => system.startTimer(callback, delayMs)
    this.#messagesMax = limits.heldMessagesMax
    this.#budget = new ByteBudget(limits.heldBytesMax)
  }

  /** How many are held. */
  get count(): number {
    return this.#held.size
  }

  /**
   * Copies a message and holds it.
   *
   * @param leave - gets the copy after `delayMs`, or when it is released; never after it was dropped
   * @returns undefined: there is no room, and nothing is held
   * @throws {InvalidValueError} JSON cannot say it
   */
  hold(message: OutgoingMessage, delayMs: number, leave: Held['leave']): Held | undefined {
    const held = { kept: kept(message), leave }
    if (this.#held.size >= this.#messagesMax || !this.#budget.hasRoom(held.kept.bytes)) return undefined
    this.#budget.add(held.kept.bytes)
    this.#held.set(
      held,
      this.#startTimer(() => this.release(held), delayMs),
    )
    return held
  }

  /** Lets a message go now; nothing happens if it has gone already. */
  release(held: Held): void {
    if (this.#forget(held)) held.leave(held.kept.take())
  }

  /** Drops all; returns how many there were. */
  dropAll(): number {
    const all = [...this.#held.keys()]
    for (const held of all) this.#forget(held)
    return all.length
  }

  #forget(held: Held): boolean {
    const cancel = this.#held.get(held)
    if (cancel === undefined) return false
    cancel()
    this.#held.delete(held)
    this.#budget.remove(held.kept.bytes)
    return true
  }
}
