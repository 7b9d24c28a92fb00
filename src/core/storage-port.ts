/**
 * What the core asks of a place that outlives the process: load everything once, then append changes in order. The
 * records are small and flat, so that a file, a key-value database or a browser's database can keep them alike.
 */

import type { JsonValue } from './json/index.ts'

/** Whose state it is. A place belongs to one name in one cluster, for good. */
export interface StorageOwner {
  readonly clusterId: string
  readonly id: string
}

/** When a key lapses, in wall-clock time, since no other clock outlives a process. */
export interface StoredLease {
  /** ms since the Unix epoch. */
  readonly expiresAtMs: number
  /** What was left of it when it was written, ms: no clock that was set back makes it longer than this. */
  readonly ttlMs: number
}

/** A live key of the node's own map. */
export interface StoredEntry {
  readonly key: string
  readonly value: JsonValue
  readonly lease?: StoredLease | undefined
}

/** A peer to come back to. */
export interface StoredPeer {
  readonly id: string
  readonly transport: JsonValue
  /** When it was last known to be live, ms since the Unix epoch. */
  readonly seenAtMs: number
}

/** Everything that is kept. */
export interface StoredState {
  /** The highest generation ever appended; 0 in a new place. */
  readonly generation: number
  /** In any order; keys are unique. */
  readonly entries: readonly StoredEntry[]
  /** In any order; ids are unique. */
  readonly peers: readonly StoredPeer[]
}

/** One step. The same step twice is the same as once. */
export type StorageChange =
  /** Keeps the highest. */
  | { readonly type: 'generation'; readonly generation: number }
  /** Replaces what stood under the key, its lease included. */
  | ({ readonly type: 'set' } & StoredEntry)
  | { readonly type: 'delete'; readonly key: string }
  /** Replaces what was known of the peer. */
  | ({ readonly type: 'peer' } & StoredPeer)
  | { readonly type: 'forget'; readonly id: string }

/**
 * A place for one node's state. Trouble is a rejection with a coded error, never an exception thrown by the call.
 * Values it is given do not change afterwards, and it changes none of them.
 */
export interface Storage {
  /** Largest value it can keep, bytes of JSON. Absent: any. */
  readonly valueBytesMax?: number | undefined
  /**
   * Takes possession and loads. May be called again after `close`.
   *
   * @returns what was there after the last durable change, at least; a change that was not yet durable may be there too,
   *   but never without all that were appended before it
   * @throws {StorageError} as a rejection, and the place is released again: `GOSSIP_STORAGE_FOREIGN`, another id or cluster;
   *   `GOSSIP_STORAGE_LOCKED`, in use; `GOSSIP_STORAGE_CORRUPT`; `GOSSIP_STORAGE_FORMAT`, written by a later version;
   *   `GOSSIP_STORAGE_FAILED`
   */
  open(owner: StorageOwner): Promise<StoredState>
  /**
   * Appends changes. Calls that overlap are carried out in order.
   *
   * @returns resolves when all of them are durable, by the storage's own policy
   * @throws {StorageError} as a rejection, `GOSSIP_STORAGE_FAILED`: each of them may have been kept or not; append them again.
   *   `GOSSIP_STORAGE_CLOSED` when it is not open
   */
  append(changes: readonly StorageChange[]): Promise<void>
  /** Finishes what was appended, and releases the place. May be called at any time, and again. */
  close(): Promise<void>
}
