/** The play: start, share, kill, convict, start again, delete, compare. Each act ends when every node has seen it. */

import { assert } from '../../core/index.ts'
import { counted, shownAddress, shownSeconds } from '../cli/index.ts'
import type { Totals } from './cluster.ts'
import { allLive, type Detection, detectionText, killed } from './life.ts'
import type { Entries, Started } from './orders.ts'
import { replicated, since, type Took } from './replicate.ts'
import type { Stage } from './stage.ts'
import { type Verdict, verified } from './verify.ts'

/** What the play has shown. */
export interface Figures {
  readonly keys: number
  readonly gathering: Took
  readonly spread: Took
  readonly detection: Detection
  /** From the start of the new process until everybody held it live. */
  readonly return: Took
  /** From the first key that was set again until everybody had them all. */
  readonly refill: Took
  readonly deletion: Took
  readonly keysDeleted: number
  /** Verdicts over nodes that were running. */
  readonly falseDeaths: number
  readonly totals: ReadonlyMap<string, Totals>
  readonly verdict: Verdict
}

/** Of every node's share, this part is deleted. */
const DELETED_PART = 10

/**
 * Plays all acts.
 *
 * @throws {CommandFailedError} an act came to nothing, or a process was lost
 */
export async function play(stage: Stage): Promise<Figures> {
  const { cluster, progress } = stage
  const keys = [...stage.shares.values()].reduce((sum, share) => sum + share.size, 0)
  const generations = new Map<string, number>()
  const gathering = await gather(stage, generations)
  const spread = await setAll(stage, keys)
  const victim = cluster.ids.at(-1)
  assert(victim !== undefined)
  const killedMs = performance.now()
  const detection = await killed(stage, victim)
  const convictedMs = performance.now()
  progress.tell('dead', `${victim} is dead for all others: after ${detectionText(detection)}`)
  const revival = await revive(stage, victim, generations)
  const { took: deletion, count: keysDeleted } = await deleteSome(stage)
  const verdict = await verified(stage)
  const isTrue = (peer: string, atMs: number): boolean => peer === victim && atMs > killedMs && atMs < convictedMs
  return {
    keys,
    gathering,
    spread,
    detection,
    ...revival,
    deletion,
    keysDeleted,
    falseDeaths: cluster.deaths.filter(({ peer, atMs }) => !isTrue(peer, atMs)).length,
    totals: await cluster.totals(),
    verdict,
  }
}

async function gather(stage: Stage, generations: Map<string, number>): Promise<Took> {
  const { cluster, progress } = stage
  const atMs = performance.now()
  for (const id of cluster.ids) generations.set(id, await startOne(stage, id))
  const took = await allLive(stage, 'gather', { atMs, generations })
  progress.tell('gather', `every node sees every other one live, ${shownSeconds(took.ms)} after the first start`)
  return took
}

async function setAll(stage: Stage, keys: number): Promise<Took> {
  const { cluster, progress } = stage
  const start = await since(stage, (id) => cluster.node(id).order('set', entriesOf(stage, id)))
  const took = await replicated(stage, 'replicate', start)
  const what = `${counted(keys, 'key')} on all ${cluster.ids.length} nodes`
  progress.tell('replicate', `${what} after ${counted(took.rounds, 'round')}, ${shownSeconds(took.ms)}`)
  return took
}

async function revive(
  stage: Stage,
  victim: string,
  generations: Map<string, number>,
): Promise<{ return: Took; refill: Took }> {
  const { cluster, progress } = stage
  const former = generations.get(victim) ?? 0
  const atMs = performance.now()
  const generation = await startOne(stage, victim, former)
  generations.set(victim, generation)
  const start = await since(stage, async (id) =>
    id === victim
      ? cluster.node(id).order('set', entriesOf(stage, id))
      : (await cluster.node(id).order('facts', null)).rounds,
  )
  const back = await allLive(stage, 'return', { atMs, generations })
  progress.tell(
    'live',
    `${victim} is live for all others with generation ${generation}, after ${shownSeconds(back.ms)}`,
  )
  const refill = await replicated(stage, 'replicate', start)
  const size = counted(stage.share(victim).size, 'key')
  progress.tell('replicate', `its ${size}, set again, are everywhere after ${counted(refill.rounds, 'round')}`)
  return { return: back, refill }
}

async function deleteSome(stage: Stage): Promise<{ took: Took; count: number }> {
  const { cluster, progress } = stage
  const doomed = chooseDoomed(stage)
  const start = await since(stage, (id) => cluster.node(id).order('delete', doomed.get(id) ?? []))
  let count = 0
  for (const [id, keys] of doomed) for (const key of keys) count += stage.share(id).delete(key) ? 1 : 0
  const took = await replicated(stage, 'delete', start)
  const rounds = counted(took.rounds, 'round')
  progress.tell('delete', `${counted(count, 'key')} of all nodes are gone everywhere after ${rounds}`)
  return { took, count }
}

/** A tenth of each share; of shares that small that this is nothing, one key in all. */
function chooseDoomed({ shares }: Stage): Map<string, string[]> {
  const tenth = ([id, share]: readonly [string, ReadonlyMap<string, unknown>]): [string, string[]] => [
    id,
    [...share.keys()].slice(0, Math.floor(share.size / DELETED_PART)),
  ]
  const doomed = new Map([...shares].map(tenth))
  if ([...doomed.values()].some((keys) => keys.length > 0)) return doomed
  const [id, share] = [...shares].find(([, candidate]) => candidate.size > 0) ?? []
  return new Map(id === undefined ? [] : [[id, [...(share?.keys() ?? [])].slice(0, 1)]])
}

async function startOne(stage: Stage, id: string, former?: number): Promise<number> {
  const started: Started = await stage.cluster.start(id)
  const { pid } = stage.cluster.node(id)
  const where = `${id} at ${shownAddress(started.address)}, process ${pid}, generation ${started.generation}`
  stage.progress.tell('start', former === undefined ? where : `${where} (it was ${former})`)
  return started.generation
}

function entriesOf(stage: Stage, id: string): Entries {
  return [...stage.share(id)]
}
