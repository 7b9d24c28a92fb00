/**
 * Identical requests that share one flight: whoever asks the same of the same peer while the answer is on its way waits
 * for that answer. The flight ends early when the last one who waits has given up.
 */

import { asError, MessagingError } from './errors.ts'
import type { Target } from './message.ts'
import type { Payload } from './payload.ts'

interface Flight {
  readonly answer: Promise<Payload>
  readonly controller: AbortController
  waiting: number
}

/** The flights of one messenger. */
export class Flights {
  readonly #flights = new Map<string, Flight>()

  /** Flights under way. */
  get size(): number {
    return this.#flights.size
  }

  /**
   * Joins a flight, or starts one.
   *
   * @param key - see {@link flightKey}
   * @param signal - raised when this one waits no more
   * @param start - asks; its signal is raised when nobody waits any more
   */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<Payload>): Promise<Payload> {
    const flight = this.#flights.get(key) ?? this.#start(key, start)
    flight.waiting++
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(asError(signal.reason))
        flight.waiting--
        if (flight.waiting > 0) return
        this.#forget(key, flight)
        flight.controller.abort(new MessagingError('GOSSIP_REQUEST_TIMEOUT', 'nobody waits any more'))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const settled = (): void => signal.removeEventListener('abort', onAbort)
      void flight.answer.finally(settled).then(resolve, reject)
    })
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<Payload>): Flight {
    const controller = new AbortController()
    const flight: Flight = { controller, waiting: 0, answer: start(controller.signal) }
    this.#flights.set(key, flight)
    const over = (): void => this.#forget(key, flight)
    flight.answer.then(over, over)
    return flight
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}

const decoder = new TextDecoder('latin1')

/**
 * What makes two requests the same: the peer, the name and every byte of the payload.
 *
 * @param body - a payload as `encodePayload` writes it
 */
export function flightKey(peerId: string, { space, name }: Target, body: Uint8Array): string {
  return JSON.stringify([peerId, space, name, decoder.decode(body)])
}
