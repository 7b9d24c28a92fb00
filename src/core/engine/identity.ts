/**
 * What this node does about news of itself. Only it writes its map, so news that is ahead of it speaks of another life
 * under its id: an earlier one whose traces are still around, or a second process. Either way it moves on to a higher
 * generation and announces everything again; a second process that does the same is found out by the fourth time.
 */

import { IdConflictError } from '../errors.ts'
import type { JsonValue } from '../json/index.ts'
import { isSameAddress } from '../membership/index.ts'
import { GENERATION_MAX } from '../reconcile/index.ts'
import type { Context } from './context.ts'

/** What somebody claims of my id. */
export interface OwnNews {
  readonly generation: number
  readonly maxVersion?: number
  readonly heartbeat?: number
  /** Where that life is reached. */
  readonly transport?: JsonValue | undefined
  /** A removal record: I was taken for dead, which says nothing about a second process. */
  readonly isRemoval?: boolean
}

/** Generations are taken with chance, so that two processes that move on at once do not meet again. */
const CHANCE_GENERATIONS = 1_024

/** Takes over where the news is ahead of me; stops for good when that happens too often. */
export function hearOfMyself(context: Context, news: OwnNews, now: number): void {
  if (context.hasLeft || context.phase !== 'running') return
  const { map } = context.own
  if (news.generation < map.generation) return
  if (news.generation > map.generation) {
    const isProcess = news.isRemoval !== true
    if (isProcess && !context.takeovers.allow(now)) return freeze(context, news.generation)
    return takeOver(context, news.generation, now)
  }
  const isAhead = (news.maxVersion ?? 0) > map.maxVersionSeen || (news.heartbeat ?? 0) > context.heartbeat
  // My own generation at another address is not me: a copied machine goes on with the generation it was copied with.
  const isElsewhere = news.transport !== undefined && !isSameAddress(news.transport, context.transport)
  const isRetired = news.isRemoval === true && (news.heartbeat ?? 0) >= context.heartbeat
  if (isAhead || isElsewhere || isRetired) takeOver(context, map.generation, now)
}

/** The generation to take after one that was seen. */
export function nextGeneration(seen: number, random: () => number): number {
  return seen + 1 + Math.floor(random() * CHANCE_GENERATIONS)
}

/** Begins another life of this node with its present entries. */
export function takeOver(context: Context, seen: number, now: number): void {
  const generation = nextGeneration(seen, context.random)
  if (generation > GENERATION_MAX) return freeze(context, seen)
  context.stats.takeovers++
  beginLife(context, generation, now)
}

/** Numbers the own entries anew under a generation, and tells. */
export function beginLife(context: Context, generation: number, now: number): void {
  context.own.beginLife(generation, now)
  for (const entry of context.own.map.readAll(now)) context.leases.add(context.own.map, entry)
  context.outbox.tell({ type: 'generation', generation })
}

function freeze(context: Context, otherGeneration: number): void {
  context.phase = 'conflict'
  context.nextRoundAt = Number.POSITIVE_INFINITY
  context.outbox.tell({
    type: 'conflict',
    error: new IdConflictError(context.id, context.generation, otherGeneration),
  })
}
