/**
 * Whom a node comes back to after a restart: the addresses that are kept. It is bounded, whoever leaves or is removed
 * goes, and what is never seen again ages away, but nobody is forgotten by a node that is alone.
 */

import { deepEqual, type JsonValue } from './json/index.ts'
import type { PeerStatus } from './membership/index.ts'
import type { StoredPeer } from './storage-port.ts'

/** What is known of a peer at present. */
export interface BookPeer {
  readonly id: string
  readonly transport: JsonValue | undefined
  readonly status: PeerStatus
}

/** What has to be written. */
export interface BookChanges {
  readonly written: readonly string[]
  readonly forgotten: readonly string[]
}

/** A kept time of a live peer may lag behind by this much, so that a quiet cluster is not written down all the time. */
export const SEEN_LAG_MS = 3_600_000
/** A peer that was not met in this life is forgotten when it was last seen so long ago. */
const UNMET_AGE_MS_MAX = 604_800_000

/** Addresses of one node's peers. Times are wall-clock ms. */
export class AddressBook {
  readonly #peersMax: number
  readonly #peers = new Map<string, StoredPeer>()
  /** Kept peers that were known in this life. */
  readonly #met = new Set<string>()

  /** @param peersMax - most peers kept */
  constructor(peersMax: number) {
    this.#peersMax = peersMax
  }

  /** A kept peer. */
  get(id: string): StoredPeer | undefined {
    return this.#peers.get(id)
  }

  /** All kept peers. */
  get peers(): readonly StoredPeer[] {
    return [...this.#peers.values()]
  }

  /** Takes over what a former life kept; the latest seen where there is not room for all. */
  load(peers: readonly StoredPeer[], nowMs: number): BookChanges {
    const latestFirst = [...peers].sort((a, b) => b.seenAtMs - a.seenAtMs)
    for (const peer of latestFirst.slice(0, this.#peersMax)) {
      // A time that has not come yet was kept by a clock that was wrong then.
      this.#peers.set(peer.id, { ...peer, seenAtMs: Math.min(peer.seenAtMs, nowMs) })
    }
    return { written: [], forgotten: latestFirst.slice(this.#peersMax).map(({ id }) => id) }
  }

  /** Brings it up to date with the peers that are known at present. */
  update(known: readonly BookPeer[], nowMs: number): BookChanges {
    const byId = new Map(known.map((peer) => [peer.id, peer]))
    const isAlone = !known.some(({ status }) => status === 'live')
    const written: string[] = []
    const forgotten: string[] = []
    for (const kept of this.peers) {
      if (this.#isOver(kept, byId.get(kept.id), isAlone, nowMs)) forgotten.push(kept.id)
    }
    for (const id of forgotten) this.#forget(id)
    for (const { id, transport, status } of known) {
      const kept = this.#peers.get(id)
      if (kept !== undefined) this.#met.add(id)
      if (transport === undefined || status === 'left' || (status !== 'live' && kept === undefined)) continue
      const seenAtMs = status === 'live' || kept === undefined ? nowMs : kept.seenAtMs
      const isSame = kept !== undefined && deepEqual(kept.transport, transport)
      if (isSame && seenAtMs - kept.seenAtMs < SEEN_LAG_MS) continue
      if (kept === undefined && !this.#makeRoom(byId, forgotten)) continue
      this.#peers.set(id, { id, transport, seenAtMs })
      this.#met.add(id)
      written.push(id)
    }
    return { written, forgotten }
  }

  #isOver(kept: StoredPeer, known: BookPeer | undefined, isAlone: boolean, nowMs: number): boolean {
    if (known !== undefined) return known.status === 'left'
    // Who hears nobody may be the one that is cut off; the addresses are all it has to find the others again.
    if (isAlone) return false
    return this.#met.has(kept.id) || nowMs - kept.seenAtMs > UNMET_AGE_MS_MAX
  }

  /** Where it is full, the peer that was seen longest ago gives way, but no live one. */
  #makeRoom(known: ReadonlyMap<string, BookPeer>, forgotten: string[]): boolean {
    if (this.#peers.size < this.#peersMax) return true
    const replaceable = this.peers.filter(({ id }) => known.get(id)?.status !== 'live')
    const [oldest] = replaceable.sort((a, b) => a.seenAtMs - b.seenAtMs)
    if (oldest === undefined) return false
    this.#forget(oldest.id)
    forgotten.push(oldest.id)
    return true
  }

  #forget(id: string): void {
    this.#peers.delete(id)
    this.#met.delete(id)
  }
}
