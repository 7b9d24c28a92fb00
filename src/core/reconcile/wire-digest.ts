/** The shapes of a digest on the wire, in one place for those who write and those who read them. */

import type { JsonValue } from '../json/index.ts'

/** A half-open range of ids in code-unit order; null is open. Absence of an id inside it means: unknown to the sender. */
export interface IdRange {
  readonly from: string | null
  readonly to: string | null
}

/** What the sender holds of one peer. */
export interface WirePeerEntry {
  readonly id: string
  readonly maxVersionSeen: number
  readonly generation: number
  readonly heartbeat: number
  readonly gcVersion: number
  /** Left out where the other side has it, or gets it with the peer's group. */
  readonly transport?: JsonValue
  /** Only for a peer the sender holds dead: how long it has been silent, ms. */
  readonly silentMs?: number
  /** The peer said goodbye; beats every heartbeat of its generation. */
  readonly left?: true
  /** The peer runs the first-generation package. */
  readonly old?: true
}

/** The sender's entry about itself, in every digest. */
export interface WireOwnEntry extends WirePeerEntry {
  readonly transport: JsonValue
  readonly clusterId: string
  /** 1 asks for deltas and a step-2 digest, 2 for deltas only. */
  readonly step: 1 | 2
  /** Step 1: which ids this digest is complete for. */
  readonly claim?: IdRange
  /** Step 2: the own heartbeat of the digest it answers. */
  readonly answers?: number
  /** Step 2: the generation of the node that asked. An answer to a former life of it says nothing to the present one. */
  readonly asker?: number
}

/** A retired peer: news at or below this (generation, heartbeat) is to be ignored. */
export interface WireRemoval {
  readonly id: string
  readonly generation: number
  readonly heartbeat: number
  /** Time since retirement, ms. */
  readonly ageMs: number
}

/** Step 2, where nothing but the heartbeat differs; of the generation that the answered digest named. */
export type WirePair = readonly [id: string, heartbeat: number]

/** One item of a digest. */
export type WireDigestItem = WirePeerEntry | WireOwnEntry | WireRemoval | WirePair

/** A digest as it travels. */
export type WireDigest = readonly WireDigestItem[]

/** A wire form as the plain JSON it is; interfaces lack the index signature that says so. */
export function asJson(message: WireDigest | readonly object[]): JsonValue {
  return message as unknown as JsonValue
}
