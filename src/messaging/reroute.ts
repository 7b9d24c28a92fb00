/** Asks several peers, one after the other, until one of them answers: the next when the last has stalled or failed. */

import type { System } from '../core/index.ts'
import { MessagingError } from './errors.ts'

/** Whom to ask, and how patiently. */
export interface Route {
  readonly system: Pick<System, 'startTimer'>
  /** In this order; at least one. */
  readonly peers: readonly string[]
  /** Silence after which the next is asked as well, ms; undefined: only when the last has failed. */
  readonly stallAfterMs: number | undefined
  /** Raised when nobody waits any more. */
  readonly signal: AbortSignal
}

/**
 * The first answer. Those who were asked and have not answered are told that it is not wanted any more.
 *
 * @param ask - asks one peer; its signal is raised when the answer is not wanted
 * @throws {MessagingError} as a rejection: `GOSSIP_PEERS_FAILED` when all have failed; of a single peer its own failure
 */
export function firstAnswer<T>(route: Route, ask: (peer: string, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { system, peers, stallAfterMs, signal } = route
  return new Promise((resolve, reject) => {
    const controllers: AbortController[] = []
    const errors = new Map<string, unknown>()
    let isOver = false
    let asked = 0
    let cancelTimer = (): void => {}
    const finish = (reason: unknown): void => {
      isOver = true
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      for (const controller of controllers) controller.abort(reason)
    }
    const onAbort = (): void => {
      if (isOver) return
      finish(signal.reason)
      reject(signal.reason as Error)
    }
    const fail = (peer: string, error: unknown): void => {
      if (isOver) return
      errors.set(peer, error)
      if (asked < peers.length) askNext()
      else if (errors.size === peers.length) {
        finish(error)
        reject(peers.length === 1 ? (error as Error) : failedError(peers.map((one) => errors.get(one))))
      }
    }
    const askNext = (): void => {
      cancelTimer()
      const peer = peers[asked++]
      if (isOver || peer === undefined) return
      const controller = new AbortController()
      controllers.push(controller)
      if (stallAfterMs !== undefined && asked < peers.length) cancelTimer = system.startTimer(askNext, stallAfterMs)
      ask(peer, controller.signal).then(
        (answer) => {
          if (isOver) return
          finish(new MessagingError('GOSSIP_REQUEST_TIMEOUT', 'another peer has answered'))
          resolve(answer)
        },
        (error: unknown) => fail(peer, error),
      )
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else askNext()
  })
}

function failedError(errors: readonly unknown[]): MessagingError {
  const last = errors.at(-1)
  const problem = `all ${errors.length} peers have failed; the last one: ${last instanceof Error ? last.message : ''}`
  return new MessagingError('GOSSIP_PEERS_FAILED', problem, { errors, cause: last })
}
