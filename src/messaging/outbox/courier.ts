/**
 * Carries the letters for one peer, one after the other: the next is sent when the last was handled, so they arrive in
 * order. After a failure it waits, longer each time, or until the peer shows itself.
 */

import type { System } from '../../core/index.ts'
import type { Letter } from './letter.ts'

/** What became of an attempt. The letter is off the list, is to be tried again after a pause, or nobody was reached. */
export type AttemptResult = 'done' | 'refused' | 'failed'

/** What a courier asks of its outbox. */
export interface CourierPorts {
  readonly system: System
  readonly retryDelayMs: number
  readonly retryDelayMsMax: number
  /** The next letter; undefined when there is none. */
  next(): Letter | undefined
  /** Makes one attempt. Never rejects. */
  attempt(letter: Letter, signal: AbortSignal): Promise<AttemptResult>
  /** There is nothing left to carry. */
  onIdle(): void
}

/** The courier for one peer. */
export class Courier {
  readonly #ports: CourierPorts
  readonly #controller = new AbortController()
  #isBusy = false
  /** Whether the peer has shown itself during the present attempt. */
  #wasSeen = false
  /** Failures in a row. */
  #failures = 0
  /** A pause after a refusal is not cut short: who refuses is there. */
  #isRefused = false
  #cancelPause: (() => void) | undefined

  constructor(ports: CourierPorts) {
    this.#ports = ports
  }

  /** There may be something to carry. */
  nudge(): void {
    if (this.#isBusy || this.#cancelPause !== undefined || this.#controller.signal.aborted) return
    const letter = this.#ports.next()
    if (letter === undefined) this.#ports.onIdle()
    else if (letter.isDurable) void this.#carry(letter)
  }

  /** The peer has shown itself: what failed before may succeed now. */
  seen(): void {
    this.#wasSeen = true
    if (this.#isRefused) return
    this.#endPause()
    this.nudge()
  }

  /** Carries nothing more; an attempt under way is given up. */
  stop(reason: Error): void {
    this.#controller.abort(reason)
    this.#endPause()
  }

  async #carry(letter: Letter): Promise<void> {
    this.#isBusy = true
    this.#wasSeen = false
    letter.isUnderWay = true
    const result = await this.#ports.attempt(letter, this.#controller.signal)
    letter.isUnderWay = false
    this.#isBusy = false
    if (this.#controller.signal.aborted) return
    if (result === 'done') this.#failures = 0
    else if (result === 'refused' || !this.#wasSeen) this.#pause(result)
    this.nudge()
  }

  #pause(result: AttemptResult): void {
    const { system, retryDelayMs, retryDelayMsMax } = this.#ports
    const delayMs = Math.min(retryDelayMsMax, retryDelayMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    this.#isRefused = result === 'refused'
    this.#cancelPause = system.startTimer(
      () => {
        this.#endPause()
        this.nudge()
      },
      Math.ceil(delayMs * (1 - system.random() / 2)),
    )
  }

  #endPause(): void {
    this.#cancelPause?.()
    this.#cancelPause = undefined
    this.#isRefused = false
  }
}
