/** What nodes say to each other to catch up: where a copy ends, and the entries that follow. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import type { EntryLog } from './entry-log.ts'

/** Longest name of a log, characters. */
const ID_UNITS_MAX = 64

/** Which log, and how long it is: what is gossiped. */
export interface LogClaim {
  readonly id: string
  readonly length: number
}

/** Entries of a log from an index on, and how long it is. */
export interface Batch extends LogClaim {
  readonly from: number
  readonly entries: readonly JsonValue[]
}

/** What a copy lacks; undefined in place of an id: everything. */
export interface BatchRequest {
  readonly id: string | undefined
  readonly from: number
}

/** Reads a claim; undefined when it is none. */
export function parseClaim(value: unknown): LogClaim | undefined {
  if (!isPlainObject(value)) return undefined
  const { id, length } = value
  return isLogId(id) && isIndex(length) ? { id, length } : undefined
}

/** Reads a request; undefined when it is none. */
export function parseBatchRequest(value: unknown): BatchRequest | undefined {
  if (!isPlainObject(value)) return undefined
  const { id, from } = value
  return (id === undefined || isLogId(id)) && isIndex(from) ? { id, from } : undefined
}

/** What a log has to say to a request: from the beginning, where the copy is one of another log. */
export function batchOf(
  { id: own, log }: { readonly id: string; readonly log: EntryLog },
  { id, from: wanted }: BatchRequest,
  limits: { readonly batchEntriesMax: number; readonly batchBytesMax: number },
): JsonValue {
  const from = id === own ? Math.min(wanted, log.length) : 0
  return { id: own, length: log.length, from, entries: log.slice(from, limits.batchEntriesMax, limits.batchBytesMax) }
}

/**
 * Reads an answer; undefined when it is none, or none to that request: it must go on where the copy ends or, for another
 * log, begin at its beginning, and bring something if there is something.
 */
export function parseBatch(value: unknown, request: BatchRequest): Batch | undefined {
  const claim = parseClaim(value)
  if (claim === undefined) return undefined
  const { from, entries } = value as { readonly from?: unknown; readonly entries?: unknown }
  const expected = claim.id === request.id ? request.from : 0
  if (from !== expected || !Array.isArray(entries) || from + entries.length > claim.length) return undefined
  if (entries.length === 0 && from < claim.length) return undefined
  return { ...claim, from, entries: entries as JsonValue[] }
}

function isLogId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= ID_UNITS_MAX
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
