/** How a transport waits for its connections to go: they may take what was already written, but not for ever. */

import type { Connection } from './connection.ts'

/** The end of all connections of one transport. */
export class Departure {
  readonly #connections: () => readonly Connection[]
  readonly #timeoutMs: number
  #onGone: () => void = () => {}

  /** @param timeoutMs - after which they are dropped */
  constructor(connections: () => readonly Connection[], timeoutMs: number) {
    this.#connections = connections
    this.#timeoutMs = timeoutMs
  }

  /** A connection is gone. */
  poll(): void {
    this.#onGone()
  }

  /** Resolves when all are gone. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of this.#connections()) connection.destroy()
      }, this.#timeoutMs)
      this.#onGone = () => {
        if (this.#connections().length > 0) return
        clearTimeout(timer)
        resolve()
      }
      this.#onGone()
    })
  }
}
