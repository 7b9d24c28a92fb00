/** The acts about life and death: who is seen alive, by whom, and how a silence becomes a verdict. */

import { assert, type Explanation } from '../../core/index.ts'
import { counted, shownSeconds } from '../cli/index.ts'
import type { NodeFacts } from './orders.ts'
import type { Took } from './replicate.ts'
import type { Stage } from './stage.ts'

/** How the end of a process became known. */
export interface Detection {
  readonly firstMs: number
  readonly lastMs: number
  /** Rounds of the node that needed most. */
  readonly rounds: number
  /** φ at which nodes convicted, lowest and highest. */
  readonly phiMin: number
  readonly phiMax: number
}

type AllFacts = ReadonlyMap<string, NodeFacts>

/** φ worth a line of its own on the way to the verdict. */
const LEVELS = [1, 3, 5]
const BAR_CHARS = 16

/**
 * Waits until every node sees every other one live, in its present life.
 *
 * @param startMs - when the wait began
 * @param generations - the present life of each name
 */
export async function allLive(
  stage: Stage,
  label: string,
  start: { readonly atMs: number; readonly generations: ReadonlyMap<string, number> },
): Promise<Took> {
  const { ids } = stage.cluster
  let unseen: string[] = []
  let rounds = 0
  await stage.waitFor({
    label,
    goal: 'every node to see every other one live',
    measure: async () => {
      const facts = await stage.cluster.facts()
      unseen = ids.flatMap((id) => unseenBy(facts, id, start.generations))
      rounds = Math.max(...[...facts.values()].map((node) => node.rounds))
      const pairs = ids.length * (ids.length - 1)
      const seen = pairs - unseen.length
      return { isDone: seen === pairs, moved: seen, text: `${seen} of ${pairs} pairs see each other live` }
    },
    lacking: async () => unseen,
  })
  return { ms: performance.now() - start.atMs, rounds }
}

/** Kills a node's process and waits until all others have called it dead. */
export async function killed(stage: Stage, victim: string): Promise<Detection> {
  const { cluster, progress } = stage
  const { pid } = cluster.node(victim)
  const before = await cluster.facts()
  const deathsBefore = cluster.deaths.length
  await cluster.kill(victim)
  const atMs = performance.now()
  progress.tell('kill', `${victim} (process ${pid}) with SIGKILL: its connections break, nobody is told`)
  await convicted(stage, victim, atMs)
  const deaths = cluster.deaths.slice(deathsBefore).filter(({ peer }) => peer === victim)
  const phis = deaths.map(({ phi }) => phi)
  const times = deaths.map((death) => death.atMs - atMs)
  assert(deaths.length > 0)
  return {
    firstMs: Math.min(...times),
    lastMs: Math.max(...times),
    rounds: Math.max(...deaths.map(({ by, round }) => round - (before.get(by)?.rounds ?? 0))),
    phiMin: Math.min(...phis),
    phiMax: Math.max(...phis),
  }
}

async function convicted(stage: Stage, victim: string, atMs: number): Promise<void> {
  let passed = 0
  let views: readonly (readonly [string, Explanation])[] = []
  await stage.waitFor({
    label: 'suspect',
    goal: `every node to call ${victim} dead`,
    measure: async () => {
      views = viewsOf(await stage.cluster.facts(), victim)
      const dead = views.filter(([, view]) => view.status === 'dead').length
      const highest = views.reduce((a, b) => (b[1].phi > a[1].phi ? b : a))
      const level = LEVELS.filter((phi) => highest[1].phi >= phi).length
      if (level > passed && dead === 0) stage.progress.tell('suspect', suspicionText(highest, atMs))
      passed = Math.max(passed, level)
      const text = `${bar(highest[1])} ${suspicionText(highest, atMs)}; dead for ${dead} of ${views.length} nodes`
      return { isDone: dead === views.length, moved: dead, text }
    },
    lacking: async () => views.map((view) => `${view[0]} holds it ${view[1].status}: ${suspicionText(view, atMs)}`),
  })
}

function unseenBy(facts: AllFacts, id: string, generations: ReadonlyMap<string, number>): string[] {
  const copies = facts.get(id)?.copies ?? []
  return [...facts.keys()].flatMap((other) => {
    if (other === id) return []
    const view = copies.find((copy) => copy.id === other)
    if (view?.status === 'live' && view.generation === generations.get(other)) return []
    const status = view === undefined ? 'unknown' : `${view.status}, generation ${view.generation}`
    return [`${other} is ${status} to ${id}`]
  })
}

function viewsOf(facts: AllFacts, victim: string): (readonly [string, Explanation])[] {
  return [...facts].flatMap(([id, { copies }]) => {
    const view = copies.find((copy) => copy.id === victim)
    return view === undefined ? [] : [[id, view] as const]
  })
}

function suspicionText([id, { phi, deadPeerPhi }]: readonly [string, Explanation], atMs: number): string {
  const elapsed = shownSeconds(performance.now() - atMs)
  return `φ ${phi.toFixed(1)} of ${deadPeerPhi} at ${id}, ${elapsed} after the kill`
}

function bar({ phi, deadPeerPhi }: Explanation): string {
  const full = Math.min(BAR_CHARS, Math.round((phi / deadPeerPhi) * BAR_CHARS))
  return '█'.repeat(full) + '░'.repeat(BAR_CHARS - full)
}

/** A detection as one line. */
export function detectionText({ firstMs, lastMs, rounds, phiMin, phiMax }: Detection): string {
  const times = `${shownSeconds(firstMs)} (first node) to ${shownSeconds(lastMs)} (last node)`
  return `${times}, ${counted(rounds, 'round')}, at φ ${phiMin.toFixed(2)} to ${phiMax.toFixed(2)}`
}
