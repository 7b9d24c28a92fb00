/** Waits until the connections of a transport that is closing are gone, and cuts off those that take too long. */

import type { Connection } from './connection.ts'

/** The connections of one transport on their way out. */
export class Departures {
  readonly #connections: () => readonly Connection[]
  #onGone: () => void = () => {}

  /** @param connections - all that are not gone */
  constructor(connections: () => readonly Connection[]) {
    this.#connections = connections
  }

  /** A connection is gone. */
  onGone(): void {
    this.#onGone()
  }

  /** Resolves when all are gone; after the time what is left is destroyed. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of this.#connections()) connection.destroy()
      }, timeoutMs)
      this.#onGone = () => {
        if (this.#connections().length > 0) return
        clearTimeout(timer)
        resolve()
      }
      this.#onGone()
    })
  }
}
