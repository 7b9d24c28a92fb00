/** Whom to catch up with: each peer once at a time, few at the same time, and again after a while where it failed. */

import type { System } from '../../core/index.ts'

/** What the fetches of a plug-in are made with. */
export interface FetchesPorts {
  readonly system: Pick<System, 'startTimer'>
  readonly fetchesMax: number
  readonly retryMs: number
  /** Catches up with a peer; resolves with whether it is worth trying again. Never rejects. */
  fetch(peerId: string): Promise<boolean>
}

/** The fetches of one plug-in, from `start` to `stop`. */
export class Fetches {
  readonly #ports: FetchesPorts
  readonly #waiting = new Set<string>()
  readonly #running = new Set<string>()
  /** Cancels the next attempt, by peer. */
  readonly #retries = new Map<string, () => void>()
  #isStopped = false

  constructor(ports: FetchesPorts) {
    this.#ports = ports
  }

  /** Catches up with a peer as soon as there is room, once more after an attempt that is under way. */
  want(peerId: string): void {
    if (this.#isStopped) return
    this.#cancelRetry(peerId)
    this.#waiting.add(peerId)
    this.#pump()
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#isStopped = true
    this.#waiting.clear()
    for (const cancel of this.#retries.values()) cancel()
    this.#retries.clear()
  }

  #pump(): void {
    for (const peerId of this.#waiting) {
      if (this.#running.size >= this.#ports.fetchesMax) return
      if (this.#running.has(peerId)) continue
      this.#waiting.delete(peerId)
      void this.#run(peerId)
    }
  }

  async #run(peerId: string): Promise<void> {
    this.#running.add(peerId)
    const isToRetry = await this.#ports.fetch(peerId)
    this.#running.delete(peerId)
    if (this.#isStopped) return
    if (isToRetry && !this.#waiting.has(peerId)) {
      const { system, retryMs } = this.#ports
      this.#cancelRetry(peerId)
      this.#retries.set(
        peerId,
        system.startTimer(() => this.want(peerId), retryMs),
      )
    }
    this.#pump()
  }

  #cancelRetry(peerId: string): void {
    this.#retries.get(peerId)?.()
    this.#retries.delete(peerId)
  }
}
