/**
 * What was sent to one receiver and what of it arrived. Every arrival has to be something that was sent there; one that
 * is not was altered on the way, or meant for somebody else.
 */

import type { JsonValue, SenderRef } from '../../core/index.ts'
import { canonicalText, difference } from './difference.ts'

/** The two messages of the gossip. */
export type Kind = 'digest' | 'deltas'

/** One distinct message, as it was when it was sent. */
export interface Parcel {
  readonly kind: Kind
  readonly sender: SenderRef
  readonly payload: JsonValue
  sends: number
  arrivals: number
}

/** The books of one receiver. */
export class Ledger {
  readonly #parcels = new Map<string, Parcel>()
  #last: Parcel | undefined

  /** Notes that a message is being sent; the same message again is the same parcel. O(size). */
  noteSent(kind: Kind, sender: SenderRef, payload: JsonValue): Parcel {
    const key = keyOf(kind, sender, payload)
    let parcel = this.#parcels.get(key)
    if (parcel === undefined) {
      parcel = { kind, sender: copied(sender), payload: copied(payload), sends: 0, arrivals: 0 }
      this.#parcels.set(key, parcel)
    }
    parcel.sends++
    this.#last = parcel
    return parcel
  }

  /**
   * Notes an arrival.
   *
   * @returns the parcel, or what is wrong with what came, to be read after "expected …;"
   */
  noteArrived(kind: Kind, sender: unknown, payload: unknown): Parcel | string {
    const parcel = this.#parcels.get(keyOf(kind, senderParts(sender), payload))
    if (parcel === undefined) return this.#problemOf(kind, sender, payload)
    parcel.arrivals++
    return parcel
  }

  #problemOf(kind: Kind, sender: unknown, payload: unknown): string {
    const closest = this.#closestTo(payload)
    if (closest === undefined) return `a ${kind} message came that nobody had sent there`
    if (closest.kind !== kind) return `what was sent as ${closest.kind} came as ${kind}`
    const { id, transport } = senderParts(sender)
    return (
      difference(closest.sender.id, id, "the sender's id") ??
      difference(closest.sender.transport, transport, "the sender's transport") ??
      difference(closest.payload, payload, 'the payload') ??
      `a ${kind} message came that nobody had sent there`
    )
  }

  /** Something with the same payload, if there is; else what is still missing, or what was sent last. */
  #closestTo(payload: unknown): Parcel | undefined {
    const text = canonicalText(payload)
    let missing: Parcel | undefined
    for (const parcel of this.#parcels.values()) {
      if (canonicalText(parcel.payload) === text) return parcel
      if (parcel.arrivals === 0) missing = parcel
    }
    return missing ?? this.#last
  }
}

function senderParts(sender: unknown): { id: unknown; transport: unknown } {
  const { id, transport } = Object(sender) as Record<string, unknown>
  return { id, transport }
}

function keyOf(kind: Kind, { id, transport }: { id: unknown; transport: unknown }, payload: unknown): string {
  return `${kind} ${canonicalText([id, transport])} ${canonicalText(payload)}`
}

function copied<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
