/** A session that is being dialled, and all who wait for it. It is given up when nobody waits any more. */

import { type GossipError, LifecycleError, type PeerRef } from '../../core/index.ts'
import type { MuxSession } from './session.ts'

/** One dial. */
export class Dial {
  readonly remote: PeerRef
  /** The key of its address, as the transport tells addresses apart. */
  readonly addressKey: string
  /** Resolves when it has come to an end, whichever. */
  readonly settled: Promise<void>
  readonly #controller = new AbortController()
  readonly #waiters = new Set<{ resolve(session: MuxSession): void; reject(error: unknown): void }>()
  #onSettled: () => void = () => {}

  /** @param remote - whom to dial; without an id, whoever answers there */
  constructor(remote: PeerRef, addressKey: string) {
    this.remote = remote
    this.addressKey = addressKey
    this.settled = new Promise((resolve) => (this.#onSettled = resolve))
  }

  /** Raised when it is given up; the reason is an error of this library. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether it leads to a peer, as far as that can be known before it answers. */
  leadsTo(id: string, addressKey: string | undefined): boolean {
    return this.remote.id === undefined ? this.addressKey === addressKey : this.remote.id === id
  }

  /**
   * Waits for it.
   *
   * @throws {LifecycleError} as a rejection, `GOSSIP_ABORTED`: the signal was raised first
   */
  wait(signal: AbortSignal | undefined): Promise<MuxSession> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter)
        reject(aborted())
        if (this.#waiters.size === 0) this.abort(aborted())
      }
      const leave = (): void => signal?.removeEventListener('abort', onAbort)
      const waiter = {
        resolve: (session: MuxSession) => {
          leave()
          resolve(session)
        },
        reject: (error: unknown) => {
          leave()
          reject(error as Error)
        },
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Gives it up. */
  abort(reason: GossipError): void {
    this.#controller.abort(reason)
  }

  /** It has led to a session. */
  succeed(session: MuxSession): void {
    this.#onSettled()
    for (const waiter of this.#waiters) waiter.resolve(session)
    this.#waiters.clear()
  }

  /** It has led nowhere. */
  fail(error: unknown): void {
    this.#onSettled()
    for (const waiter of this.#waiters) waiter.reject(error)
    this.#waiters.clear()
  }
}

/** What is told to whoever raised his signal. */
export function aborted(): LifecycleError {
  return new LifecycleError('GOSSIP_ABORTED', 'the signal was raised before the session was open')
}
