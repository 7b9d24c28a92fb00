/**
 * One process of a node, from its start to its end, as a world drives it: inputs carry the process's own time, what it
 * sends and tells is taken out after each of them. What it knows can be looked at, so that checkers need no side doors.
 */

import type { Digest, EngineEvent, JsonValue, OutMessage, PeerStatus, SenderRef } from '../../core/index.ts'

/** What runs in a process: the bare engine, a whole `Gossipmonger`, or a peer of the first generation. */
export type ProcessKind = 'engine' | 'driver' | 'first generation'

/** A process knows of a peer's life. */
export interface PeerFacts {
  readonly id: string
  readonly status: PeerStatus
  readonly generation: number
  readonly heartbeat: number
}

/** A peer was retired: only a higher (generation, heartbeat) may bring it back while the record is kept. */
export interface RemovalFacts {
  readonly generation: number
  readonly heartbeat: number
}

/** A key as a reader sees it. */
export interface ReadableEntry {
  readonly key: string
  readonly value: JsonValue
  /** Undefined where the process does not show versions. */
  readonly version: number | undefined
  /** When its lease lapses, in the process's time; undefined without one, and where versions are not shown. */
  readonly expiresAt?: number | undefined
}

/** A key as it is held, deletions included. */
export interface HeldEntry {
  readonly key: string
  readonly value: JsonValue
  readonly version: number
  readonly isTombstone: boolean
}

/** A process's copy of one peer's map. */
export interface Copy {
  readonly generation: number
  readonly gcVersion: number
  readonly maxVersionSeen: number
  /** Fingerprint over key, version and tombstone. */
  readonly hash: string
  /** Whether readers still see an earlier map. */
  readonly isStale: boolean
  /** What readers see at a moment of the process's time. */
  readable(now: number): Iterable<ReadableEntry>
  /** One key as readers see it. */
  read(key: string, now: number): ReadableEntry | undefined
  /** The entries held above a version, ascending; undefined where the process does not show them. */
  held(after: number): Iterable<HeldEntry> | undefined
}

/** See the head of this file. `now` is the process's own clock, ms, and never goes backwards. */
export interface Process {
  readonly kind: ProcessKind
  readonly id: string
  /** 0 where there is no such thing. */
  readonly generation: number
  /** When it wants `tick`, in its own time. */
  readonly deadline: number
  /** Whether it has stopped gossiping because another process has its id. */
  readonly isFrozen: boolean
  start(now: number): void
  tick(now: number): void
  receive(message: Arrival, now: number): void
  set(key: string, value: JsonValue, ttlMs: number | undefined, now: number): boolean
  delete(key: string, now: number): boolean
  /** Says goodbye; `leave taken` is among its events once it may end. */
  leave(now: number): void
  /** Ends without a word. Nothing is asked of it afterwards. */
  end(): void
  /** Whether own keys were written since it was asked last, of which no event tells. */
  takeWritten(): boolean
  takeMessages(): readonly OutMessage[]
  takeEvents(): readonly EngineEvent[]
  /** The own map. */
  own(): Copy
  peers(): Iterable<PeerFacts>
  peer(id: string): PeerFacts | undefined
  /** The record it keeps of a retired peer. */
  removal(id: string): RemovalFacts | undefined
  /** Its copy of a remote peer's map. */
  copy(id: string): Copy | undefined
}

/** A message as it arrives. */
export interface Arrival {
  readonly kind: 'digest' | 'deltas'
  readonly sender: SenderRef
  readonly payload: JsonValue
  /** A digest that never left the process: read in place of the payload, which then need not be made. */
  readonly body?: Digest | undefined
}

/** What every kind of process is made with. */
export interface ProcessSetup {
  readonly id: string
  readonly address: JsonValue
  readonly seeds: readonly JsonValue[]
  /** At least this generation; a driver takes its own from the wall clock. */
  readonly generation: number
  readonly random: () => number
  readonly messageBytesMax: number
  /** Ms since the Unix epoch, as this machine believes. */
  readonly wallClockMs: () => number
}
