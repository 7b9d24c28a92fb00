/**
 * When which leased entry lapses: a binary heap by time. Entries that were overwritten stay in it until their time
 * comes or until they are the majority; the heap is then rebuilt, so its size follows the leases that are in force.
 */

import type { Entry } from './entry.ts'
import type { PeerMap } from './peer-map.ts'

/** A leased entry and the map it belongs to. */
export interface Lease {
  readonly map: PeerMap
  readonly entry: Entry
  readonly expiresAt: number
}

/** Rebuilding below this size is not worth the walk. */
const REBUILD_SIZE_MIN = 64

/** Leases in the order in which they lapse. */
export class Leases {
  #heap: Lease[] = []
  #sizeAfterRebuild = 0

  /** Leases watched, with those that are out of force and not yet dropped. */
  get size(): number {
    return this.#heap.length
  }

  /** When the next lease may lapse; Infinity without leases. */
  get nextAt(): number {
    return this.#heap[0]?.expiresAt ?? Number.POSITIVE_INFINITY
  }

  /** Watches an entry that has a lease; one without is ignored. O(log n), amortised. */
  add(map: PeerMap, entry: Entry): void {
    if (entry.expiresAt === undefined) return
    this.#heap.push({ map, entry, expiresAt: entry.expiresAt })
    this.#siftUp(this.#heap.length - 1)
    if (this.#heap.length > REBUILD_SIZE_MIN && this.#heap.length > 2 * this.#sizeAfterRebuild) this.#rebuild()
  }

  /** Takes out the next lease that has lapsed and is still what readers would see, if there is one. */
  pollLapsed(now: number): Lease | undefined {
    while (this.nextAt <= now) {
      const lease = this.#takeFirst()
      if (isInForce(lease)) return lease
    }
    return undefined
  }

  #takeFirst(): Lease {
    const first = this.#heap[0] as Lease
    const last = this.#heap.pop() as Lease
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#siftDown(0)
    }
    return first
  }

  #rebuild(): void {
    this.#heap = this.#heap.filter((lease) => isInForce(lease) || lease.map.isStale)
    this.#heap.sort((a, b) => a.expiresAt - b.expiresAt) // a sorted array is a heap
    this.#sizeAfterRebuild = Math.max(this.#heap.length, REBUILD_SIZE_MIN)
  }

  #siftUp(start: number): void {
    let child = start
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.#swapIfEarlier(child, parent)) return
      child = parent
    }
  }

  #siftDown(start: number): void {
    let parent = start
    for (;;) {
      const left = 2 * parent + 1
      const right = left + 1
      if (left >= this.#heap.length) return
      const isRightEarlier =
        right < this.#heap.length && (this.#heap[right] as Lease).expiresAt < (this.#heap[left] as Lease).expiresAt
      const child = isRightEarlier ? right : left
      if (!this.#swapIfEarlier(child, parent)) return
      parent = child
    }
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const a = this.#heap[child] as Lease
    const b = this.#heap[parent] as Lease
    if (a.expiresAt >= b.expiresAt) return false
    this.#heap[child] = b
    this.#heap[parent] = a
    return true
  }
}

function isInForce(lease: Lease): boolean {
  return lease.map.shown(lease.entry.key) === lease.entry
}
