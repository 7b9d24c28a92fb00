/**
 * A fingerprint of a peer's map over (key, version, tombstone), kept incrementally. Two copies at the same
 * (generation, gcVersion, maxVersionSeen) have the same fingerprint, or one of them is wrong.
 */

import type { Entry } from './entry.ts'

const LANES = [0x811c9dc5, 0x9747b28c] as const

/** 64 bits, the exclusive or of all entries' hashes: adding and taking out are the same step. */
export class StateHash {
  #high = 0
  #low = 0

  /** Adds an entry, or takes it out again. O(key length). */
  toggle(entry: Entry): void {
    this.#high ^= entryHash(entry, LANES[0])
    this.#low ^= entryHash(entry, LANES[1])
  }

  /** 16 hexadecimal digits; all zero for an empty map. */
  toString(): string {
    return hex(this.#high) + hex(this.#low)
  }
}

/** FNV-1a over the key's code units, version and kind, with murmur3's finalizer to spread the last bits. */
function entryHash(entry: Entry, seed: number): number {
  let hash = seed
  for (let i = 0; i < entry.key.length; i++) hash = mix(hash, entry.key.charCodeAt(i))
  hash = mix(hash, entry.version >>> 0)
  hash = mix(hash, Math.floor(entry.version / 0x1_0000_0000))
  hash = mix(hash, entry.isTombstone ? 1 : 0)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function mix(hash: number, unit: number): number {
  const folded = Math.imul(hash ^ unit, 0x01000193)
  return folded ^ (folded >>> 15)
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0')
}
