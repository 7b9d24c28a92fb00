/**
 * Reads what a digest says of others, entry by entry, and has each answered at once. Nearly all entries are about peers
 * that are live here, and of the same life: of those nothing but the heartbeat is taken in, along columns, and where the
 * versions are the same too, nothing but the heartbeat is answered. All others are read one by one as objects, and both
 * ways do the same.
 */

import { assert } from '../assert.ts'
import { type Instant, KIND_BITS, LEFT_HEARTBEAT, LIVE, NO_ROW, OLD_FLAG, rise, UNPROVEN } from '../membership/index.ts'
import { type Digest, type DigestEntries, entryAt, firstRareFrom, itemsOf } from '../reconcile/index.ts'
import type { Answer } from './answer.ts'
import type { Context } from './context.ts'
import { writeOwnRow } from './entries.ts'
import { tellLife } from './meet.ts'
import { takeInItem, takeInPair } from './take-in.ts'

/** The part of a row's state that must be `LIVE` or `UNPROVEN` for its entry to be a matter of numbers. */
const PLAIN_BITS = KIND_BITS | OLD_FLAG

/** A walk along a digest and the table at once. */
interface Walk {
  readonly context: Context
  readonly entries: DigestEntries
  /** Row of each entry, in order; undefined where each stands at the row of its own index. */
  readonly rows: Int32Array | undefined
  readonly senderRow: number
  readonly answer: Answer
  readonly at: Instant
}

/**
 * Takes in every entry of a digest but its sender's own, and has it answered. O(entries).
 *
 * @returns rows of the entries in their order; undefined where each stands at the row of its own index
 */
export function readEntries(context: Context, digest: Digest, answer: Answer, at: Instant): Int32Array | undefined {
  const { entries, own } = digest
  const { roster } = context
  const { table } = roster
  const rows = roster.locate(entries)
  const { moves } = table
  if (rows === undefined || isAscending(rows)) {
    readInStep({ context, entries, rows, senderRow: table.rowOf(own.id), answer, at }, own.id)
  } else {
    // It may name an id twice: nothing is answered before all of it was taken in.
    const items = itemsOf(digest)
    for (const item of items) takeInItem(context, item, table.rowOf(item.id), own.id, at)
    for (const item of items) answer.to(item, table.rowOf(item.id))
  }
  assert(table.moves === moves, 'rows stay where they are while a digest is read')
  if (rows === undefined) shareColumns(context, entries)
  return rows
}

/** Takes in the pairs of a step-2 digest: they mean the generations that my digest named. O(pairs). */
export function readPairs(context: Context, { own, pairs }: Digest, answers: number, at: Instant): void {
  const { roster, detector, pages } = context
  const { table } = roster
  const { ids, indexes, heartbeats } = pairs
  const viaRow = table.rowOf(own.id)
  let next = 0
  for (let k = 0; k < indexes.length; k++) {
    const index = indexes[k] as number
    const id = ids[index] as string
    const heartbeat = heartbeats[k] as number
    const row = table.rowOf(id, table.ids[index] === id ? index : next)
    if (row !== NO_ROW) next = row + 1
    const isPlain = table.kindOf(row) >= UNPROVEN && heartbeat !== LEFT_HEARTBEAT
    if (!isPlain) takeInPair(context, { id, heartbeat }, answers, own.id, at)
    else if (heartbeat > (table.heartbeats.values[row] as number) && !table.isAdoptedSince(row, answers)) {
      tellLife(context, id, rise(table, { row, heartbeat, viaRow }, at, detector, pages))
    }
  }
}

function readInStep(walk: Walk, senderId: string): void {
  const { context, entries, rows, answer, at } = walk
  for (let index = readPlain(walk, entries.from); index < entries.to; index = readPlain(walk, index + 1)) {
    if (entries.ids[index] === senderId) continue
    const item = entryAt(entries, index)
    const row = rows === undefined ? index : (rows[index - entries.from] as number)
    takeInItem(context, item, row, senderId, at)
    answer.to(item, row)
  }
}

function isAscending(rows: Int32Array): boolean {
  for (let i = 1; i < rows.length; i++) if ((rows[i - 1] as number) >= (rows[i] as number)) return false
  return true
}

/** Reads entries from an index on as long as they are plain; the index of the first that is not. */
function readPlain({ context, entries, rows, senderRow, answer, at }: Walk, from: number): number {
  const { detector, pages, roster } = context
  const { table } = roster
  const { states } = table
  const { heartbeats: theirBeats, generations: theirGenerations, rare } = entries
  const { maxVersionsSeen: theirMaxVersions, gcVersions: theirGcVersions } = entries
  const beats = table.heartbeats.writable()
  const generations = table.generations.values
  const maxVersions = table.maxVersionsSeen.values
  const gcVersions = table.gcVersions.values
  const to = Math.min(entries.to, rare[firstRareFrom(rare, from)]?.index ?? entries.to)
  for (let index = from; index < to; index++) {
    const row = rows === undefined ? index : (rows[index - entries.from] as number)
    if (row === senderRow) continue
    const theirs = theirBeats[index] as number
    const mine = beats[row] as number
    const state = (states[row] as number) & PLAIN_BITS
    const isPlain = (state === LIVE || state === UNPROVEN) && generations[row] === theirGenerations[index]
    if (!isPlain || theirs === LEFT_HEARTBEAT) return index
    if (theirs > mine) {
      const change = rise(table, { row, heartbeat: theirs, viaRow: senderRow }, at, detector, pages)
      if (change !== undefined) tellLife(context, entries.ids[index] as string, change)
    }
    const isLevel = maxVersions[row] === theirMaxVersions[index] && gcVersions[row] === theirGcVersions[index]
    if (!isLevel) answer.to(entryAt(entries, index), row)
    else if (theirs < mine) answer.tellBeat(row)
  }
  return to
}

/** Tables that agree hold their numbers once. */
function shareColumns(context: Context, entries: DigestEntries): void {
  writeOwnRow(context)
  const { generations, maxVersionsSeen, gcVersions } = context.roster.table
  generations.adopt(entries.generations)
  maxVersionsSeen.adopt(entries.maxVersionsSeen)
  gcVersions.adopt(entries.gcVersions)
}
