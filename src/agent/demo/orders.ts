/** What the demo and its node processes say to each other: orders one way, answers and news the other. */

import type { Explanation, JsonValue } from '../../core/index.ts'

/** Orders by name: what goes with them, and what is answered. */
export interface Orders {
  /** Begin to gossip. */
  start: { details: NodePlan; answer: Started }
  /** Set keys; answered with the round in which that was done. */
  set: { details: Entries; answer: number }
  /** Delete keys; answered like `set`. */
  delete: { details: readonly string[]; answer: number }
  /** Tell how things stand, without any values. */
  facts: { details: null; answer: NodeFacts }
  /** Tell all keys and values of one peer, as this node knows them. */
  copy: { details: string; answer: Copy }
  /** End. */
  stop: { details: null; answer: null }
}

/** A list of keys with their values. */
export type Entries = readonly (readonly [key: string, value: JsonValue])[]

/** Who a node is and whom it asks first. */
export interface NodePlan {
  readonly id: string
  readonly clusterId: string
  readonly gossipIntervalMs: number
  readonly seeds: readonly JsonValue[]
}

/** A node that listens. */
export interface Started {
  readonly generation: number
  readonly address: JsonValue
}

/** How things stand at one node. */
export interface NodeFacts {
  readonly rounds: number
  readonly traffic: Traffic
  /** Errors told, by code. */
  readonly errors: Readonly<Record<string, number>>
  /** What it knows of itself first, then of every peer. */
  readonly copies: readonly Explanation[]
}

/** Messages handed to the transport, and their bytes as JSON, envelopes excluded. */
export interface Traffic {
  readonly messages: number
  readonly bytes: number
}

/** One peer's map at one node. */
export interface Copy {
  readonly generation: number
  readonly hash: string
  readonly entries: Entries
}

/** An order on its way. */
export type OrderMessage = {
  [Name in keyof Orders]: { readonly order: Name; readonly number: number; readonly details: Orders[Name]['details'] }
}[keyof Orders]

/** What a node process says. */
export type WorkerMessage =
  | { readonly says: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly says: 'refusal'; readonly number: number; readonly code: string; readonly problem: string }
  | { readonly says: 'death'; readonly death: Death }

/** A node has called a peer dead. */
export interface Death {
  readonly peer: string
  readonly phi: number
  /** The round of the node that says so. */
  readonly round: number
}
