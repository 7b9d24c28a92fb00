/** Waits for work no longer than it may take, and no longer than the caller wants it. */

import { LifecycleError, type System } from '../core/index.ts'
import { asError } from './errors.ts'

/** How long somebody waits. */
export interface Deadline {
  readonly system: Pick<System, 'startTimer'>
  /** Undefined: as long as it takes, ms. */
  readonly timeoutMs: number | undefined
  /** The caller's own. */
  readonly signal: AbortSignal | undefined
  /** What the work fails with when the time is over. */
  readonly timeoutError: () => Error
}

/**
 * Does some work within a time.
 *
 * @param work - gets a signal that is raised when nobody waits any more, and cleans up then
 * @returns what the work gives
 * @throws {LifecycleError} as a rejection, `GOSSIP_ABORTED`: the caller's signal was raised
 */
export function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { system, timeoutMs, signal, timeoutError } = deadline
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const giveUp = (error: Error): void => {
      settled()
      reject(error)
      controller.abort(error)
    }
    const onAbort = (): void => giveUp(abortedError(signal?.reason))
    const cancelTimer = timeoutMs === undefined ? () => {} : system.startTimer(() => giveUp(timeoutError()), timeoutMs)
    const settled = (): void => {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted === true) {
      onAbort()
      return
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    work(controller.signal).then(
      (result) => {
        settled()
        resolve(result)
      },
      (error: unknown) => {
        settled()
        reject(asError(error))
      },
    )
  })
}

/** What is said to somebody whose own signal was raised. */
export function abortedError(reason: unknown): LifecycleError {
  return Object.assign(new LifecycleError('GOSSIP_ABORTED', 'the signal was raised'), { cause: reason })
}
