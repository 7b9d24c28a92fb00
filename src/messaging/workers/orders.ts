/** What a node and its workers say to each other over a port of their own, and what a handler in a worker is given. */

import type { MessagePort } from 'node:worker_threads'
import type { Way } from '../handler.ts'
import type { Payload } from '../payload.ts'

/** What a handler in a worker is told about a message. The session stays with the node. */
export interface WorkerContext {
  /** The id of the sender. */
  readonly from: string
  readonly way: Way
  /** Raised when the sender has lost interest or is gone. A worker that computes without a break does not see it. */
  readonly signal: AbortSignal
}

/**
 * Handles messages in a worker. What it returns, or its promise resolves with, is the answer: JSON, bytes or nothing. What
 * it throws is the answer too, with its `code` and message. Its payload is a copy of its own, and not frozen.
 */
export type WorkerFunction = (payload: Payload, context: WorkerContext) => unknown

/** What the node says. Parts and calls are named by numbers that rise. */
export type Order =
  | { readonly kind: 'load'; readonly part: number; readonly file: string; readonly name: string }
  | {
      readonly kind: 'call'
      readonly call: number
      readonly part: number
      readonly payload: Payload
      readonly from: string
      readonly way: Way
    }
  | { readonly kind: 'cancel'; readonly call: number; readonly code: string; readonly message: string }

/** What the worker says. */
export type Report =
  | { readonly kind: 'loaded'; readonly part: number }
  | { readonly kind: 'unusable'; readonly part: number; readonly problem: string }
  | { readonly kind: 'result'; readonly call: number; readonly payload: unknown }
  | { readonly kind: 'failure'; readonly call: number; readonly code: string; readonly message: string }

/** What a worker is started with. */
export interface WorkerStart {
  readonly port: MessagePort
}

/**
 * Bytes that can be given away: a copy, since a view may be a part of memory that others use. Anything else as it is.
 *
 * @returns what to post, and what to hand over with it
 */
export function parcelOf(payload: unknown): { readonly payload: unknown; readonly transfer: ArrayBuffer[] } {
  if (!(payload instanceof Uint8Array)) return { payload, transfer: [] }
  const copy = new Uint8Array(payload)
  return { payload: copy, transfer: [copy.buffer] }
}
