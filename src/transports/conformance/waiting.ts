/**
 * Waiting for what a transport will do: until it is done, and never longer than a generous deadline. Nothing here
 * takes the passing of time for a result.
 */

/** How often a wait looks around even if nothing was told, ms: time to send again where messages may be lost. */
export const TICK_MS = 20

/** The ways a wait can end. */
export type Outcome<T> = { readonly done: true; readonly value: T } | { readonly done: false }

/** Those who wait for something to happen. */
export class Waiters {
  readonly #waiting = new Set<{ readonly topic: unknown; readonly wake: () => void }>()

  /** Something happened that concerns a topic, or, with none given, everybody. */
  wake(topic?: unknown): void {
    for (const waiter of this.#waiting) {
      if (topic === undefined || waiter.topic === undefined || waiter.topic === topic) waiter.wake()
    }
  }

  /** Resolves at the next event of a topic (undefined: of any), or after {@link TICK_MS}. */
  next(topic: unknown): Promise<void> {
    return new Promise((resolve) => {
      const waiter = { topic, wake: () => end() }
      const timer = setTimeout(() => end(), TICK_MS)
      const end = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(waiter)
        resolve()
      }
      this.#waiting.add(waiter)
    })
  }
}

/** Waits for a promise, but not for ever. A rejection is passed on. */
export function withDeadline<T>(promise: T | PromiseLike<T>, deadlineMs: number): Promise<Outcome<Awaited<T>>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ done: false }), deadlineMs)
    Promise.resolve(promise).then(
      (value) => {
        clearTimeout(timer)
        resolve({ done: true, value: value as Awaited<T> })
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error as Error)
      },
    )
  })
}

/** Lets the runtime handle what has arrived. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}
