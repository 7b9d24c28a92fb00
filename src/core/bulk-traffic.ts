/**
 * Transfers in bulk between the engine and the transport: what the engine begins is offered, what the transport brings is
 * handed over, each step stamped with the time by the node it belongs to.
 */

import type { Engine, IncomingBulk, OutgoingBulk } from './engine/index.ts'
import type { JsonValue } from './json/index.ts'
import type { BulkOffer, BulkSource, SenderRef, Transport } from './ports.ts'

/** What it needs of the node. */
export interface BulkPorts {
  readonly transport: Transport
  readonly valueBytesMax: number
  /** Uses the engine, stamped with the time, and tells and sends what that leaves behind. */
  act<T>(use: (now: number) => T): T
  /** Time, where nothing is left behind. */
  now(): number
  fail(error: Error): void
}

/** Of one node. */
export class BulkTraffic {
  readonly #engine: Engine
  readonly #ports: BulkPorts

  constructor(engine: Engine, ports: BulkPorts) {
    this.#engine = engine
    this.#ports = ports
  }

  /** Offers what the engine has begun; returns whether there was anything. */
  send(): boolean {
    const bulks = this.#engine.takeBulks()
    for (const bulk of bulks) this.#offer(bulk)
    return bulks.length > 0
  }

  /** Lets what the engine has begun be, for another round to begin again; returns whether there was anything. */
  giveUp(): boolean {
    const bulks = this.#engine.takeBulks()
    for (const bulk of bulks) this.#engine.endBulk(bulk, undefined, this.#ports.now())
    return bulks.length > 0
  }

  /** The listener of the transport's event. */
  readonly onBulk = (remote: SenderRef, offer: BulkOffer): void => {
    const bulk = this.#engine.admitBulk(remote, offer.about)
    if (typeof bulk === 'string') offer.refuse(bulk)
    else this.#accept(bulk, offer)
  }

  #offer(bulk: OutgoingBulk): void {
    const { transport } = this.#ports
    const local = { id: this.#engine.id, transport: this.#engine.transport }
    try {
      transport.bulk?.(bulk.to, local, this.#sourceOf(bulk))
    } catch (error) {
      this.#engine.endBulk(bulk, undefined, this.#ports.now())
      this.#ports.fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #sourceOf(bulk: OutgoingBulk): BulkSource {
    return {
      about: bulk.about,
      next: () => this.#engine.nextOfBulk(bulk, this.#ports.now()) as JsonValue | undefined,
      end: (error) => this.#ports.act((now) => this.#engine.endBulk(bulk, error, now)),
    }
  }

  #accept(bulk: IncomingBulk, offer: BulkOffer): void {
    const engine = this.#engine
    offer.accept({
      valueBytesMax: this.#ports.valueBytesMax,
      take: (group) => this.#ports.act((now) => engine.receiveBulk(bulk, group, now)),
      end: () => engine.leaveBulk(bulk),
    })
  }
}
