/**
 * What waits for one receiver, in a lane per sender. Lanes take turns, so that whoever sends much holds up nobody who
 * sends little, and where there is no room it is the fullest lane that loses its oldest message.
 */

import { assert } from '../../core/index.ts'
import type { ByteBudget } from '../wire/index.ts'

/** A message that waits. */
export interface LaneMessage {
  /** Whose lane it is. */
  readonly lane: string
  /** Not 0: it takes the place of a message of the same lane and slot that still waits. */
  readonly slot: number
  readonly bytes: Uint8Array
}

/** Bounds of a queue. */
export interface LaneLimits {
  /** Bytes of all lanes together. */
  readonly bytesMax: number
  /** Messages of one lane. */
  readonly laneMessagesMax: number
}

interface Lane {
  readonly name: string
  readonly messages: Map<number, Uint8Array>
  bytes: number
}

/** A fair, bounded, newest-wins queue. Operations are O(1), except where something has to be dropped: O(lanes). */
export class LaneQueue {
  readonly #limits: LaneLimits
  readonly #budget: ByteBudget
  /** In the order of turns. */
  readonly #lanes = new Map<string, Lane>()
  #bytes = 0
  #length = 0
  /** Keys of messages that no other replaces. */
  #lastKey = 0
  /** Messages that gave way, to a newer one of their slot or for want of room. */
  dropped = 0

  /** @param budget - shared by several queues */
  constructor(limits: LaneLimits, budget: ByteBudget) {
    assert(limits.bytesMax >= 1 && limits.laneMessagesMax >= 1)
    this.#limits = limits
    this.#budget = budget
  }

  /** Messages that wait. */
  get length(): number {
    return this.#length
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Puts a message at the end of its lane, or in the place of an older one.
   *
   * @returns whether it waits now; false if it is larger than the queue, or others have used up the shared budget. A
   *   queue that is empty may pass the budget by one message, so that nobody is shut out by those who do not read.
   */
  put({ lane: name, slot, bytes }: LaneMessage): boolean {
    const lane = this.#lanes.get(name) ?? { name, messages: new Map<number, Uint8Array>(), bytes: 0 }
    const key = slot === 0 ? --this.#lastKey : slot
    const replaced = lane.messages.get(key)
    const growth = bytes.length - (replaced?.length ?? 0)
    const hasRoom = this.#length === 0 || this.#budget.hasRoom(growth)
    if (bytes.length > this.#limits.bytesMax || !hasRoom) {
      this.dropped++
      return false
    }
    lane.messages.set(key, bytes)
    this.#lanes.set(name, lane)
    this.#account(lane, growth)
    if (replaced === undefined) this.#length++
    else this.dropped++
    if (lane.messages.size > this.#limits.laneMessagesMax) this.#dropOldest(lane, key)
    while (this.#bytes > this.#limits.bytesMax) this.#dropOldest(this.#fullest(), key)
    return true
  }

  /** Takes the oldest message of the lane whose turn it is. */
  shift(): Uint8Array | undefined {
    for (const lane of this.#lanes.values()) {
      for (const [key, bytes] of lane.messages) {
        this.#lanes.delete(lane.name)
        this.#delete(lane, key, bytes)
        if (lane.messages.size > 0) this.#lanes.set(lane.name, lane)
        return bytes
      }
    }
    return undefined
  }

  /** Drops everything. */
  clear(): void {
    this.#budget.remove(this.#bytes)
    this.#lanes.clear()
    this.#bytes = 0
    this.#length = 0
  }

  #fullest(): Lane {
    let fullest: Lane | undefined
    for (const lane of this.#lanes.values()) if (fullest === undefined || lane.bytes > fullest.bytes) fullest = lane
    assert(fullest !== undefined, 'a queue without lanes is over its limits')
    return fullest
  }

  /** The newest message stays, as long as there is another one. */
  #dropOldest(lane: Lane, newestKey: number): void {
    for (const [key, bytes] of lane.messages) {
      if (key === newestKey && lane.messages.size > 1) continue
      this.#delete(lane, key, bytes)
      if (lane.messages.size === 0) this.#lanes.delete(lane.name)
      this.dropped++
      return
    }
  }

  #delete(lane: Lane, key: number, bytes: Uint8Array): void {
    lane.messages.delete(key)
    this.#length--
    this.#account(lane, -bytes.length)
  }

  #account(lane: Lane, bytes: number): void {
    lane.bytes += bytes
    this.#bytes += bytes
    if (bytes >= 0) this.#budget.add(bytes)
    else this.#budget.remove(-bytes)
  }
}
