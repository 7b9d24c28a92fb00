/** The sending side of an outbox: a courier for every peer that has letters, and what each attempt comes to. */

import type { GossipError } from '../../core/index.ts'
import { asError, MessagingError, RemoteError } from '../errors.ts'
import type { LibraryArea } from '../library-area.ts'
import { type AttemptResult, Courier } from './courier.ts'
import { DELIVER, encodeDelivery, failureOf, type Verdict, verdictOf } from './delivery.ts'
import type { Letter, OutboxFailure } from './letter.ts'
import type { Letters } from './letters.ts'
import type { ResolvedOutboxOptions } from './options.ts'

/** What deliveries ask of their outbox. */
export interface DeliveriesPorts {
  readonly options: ResolvedOutboxOptions
  readonly letters: Letters
  readonly area: LibraryArea
  /** The other side has handled a letter. */
  onDelivered(letter: Letter): void
  /** The other side has refused a letter, and will be asked again. */
  onRefused(letter: Letter): void
  /** A letter is not tried any more. */
  onGivenUp(letter: Letter, cause: Error): void
  tellError(error: GossipError): void
}

/** It fits no frame of the session, and will not the next time. */
const TOO_LARGE = 'GOSSIP_PAYLOAD_TOO_LARGE'

/** The deliveries of one outbox. */
export class Deliveries {
  readonly #ports: DeliveriesPorts
  readonly #couriers = new Map<string, Courier>()
  #stopReason: Error | undefined

  constructor(ports: DeliveriesPorts) {
    this.#ports = ports
  }

  /** There may be a letter to carry to a peer. */
  nudge(peer: string): void {
    if (this.#stopReason !== undefined) return
    const courier = this.#couriers.get(peer) ?? this.#hire(peer)
    courier.nudge()
  }

  /** A peer has shown itself. */
  seen(peer: string): void {
    this.#couriers.get(peer)?.seen()
  }

  /** Gives up every attempt. */
  stop(reason: Error): void {
    this.#stopReason = reason
    for (const courier of this.#couriers.values()) courier.stop(reason)
    this.#couriers.clear()
  }

  #hire(peer: string): Courier {
    const { options, letters } = this.#ports
    const courier = new Courier({
      ...options,
      next: () => letters.next(peer),
      attempt: (letter, signal) => this.#attempt(letter, signal),
      onIdle: () => this.#couriers.delete(peer),
    })
    this.#couriers.set(peer, courier)
    return courier
  }

  async #attempt(letter: Letter, signal: AbortSignal): Promise<AttemptResult> {
    const { area, options, letters } = this.#ports
    try {
      const timeoutMs = options.ackTimeoutMs
      const answer = await area.request(letter.peer, DELIVER, encodeDelivery(letter), { timeoutMs, signal })
      // It may have been withdrawn meanwhile.
      return letters.has(letter) ? this.#answered(letter, verdictOf(answer)) : 'done'
    } catch (error) {
      return letters.has(letter) ? this.#failed(letter, asError(error)) : 'done'
    }
  }

  #answered(letter: Letter, verdict: Verdict | undefined): AttemptResult {
    if (verdict === 'handled') {
      this.#ports.onDelivered(letter)
      return 'done'
    }
    if (verdict !== undefined) return this.#refused(letter, verdict)
    const { peer } = letter
    const error = new MessagingError('GOSSIP_FRAME_MALFORMED', `${peer} acknowledges in no known way`, { peer })
    this.#ports.tellError(error)
    return this.#failed(letter, error)
  }

  #failed(letter: Letter, error: Error): AttemptResult {
    letter.failure = failureOf(error)
    if (letter.failure.code !== TOO_LARGE) return 'failed'
    this.#ports.onGivenUp(letter, error)
    return 'done'
  }

  #refused(letter: Letter, failure: OutboxFailure): AttemptResult {
    letter.failure = failure
    letter.attempts++
    if (letter.attempts < this.#ports.options.attemptsMax) {
      this.#ports.onRefused(letter)
      return 'refused'
    }
    this.#ports.onGivenUp(letter, new RemoteError(failure.code, failure.message, letter.peer))
    return 'done'
  }
}
