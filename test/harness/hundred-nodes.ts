/**
 * The experiment behind the figures of the README: 100 nodes with one key each and one seed, in virtual time, with the
 * default options. How soon is every key everywhere, is anybody called dead without cause, how soon is a crash seen?
 */

import { IS_LONG } from './long.ts'
import { VirtualCluster } from './virtual-cluster.ts'

/** What to vary. */
export interface Conditions {
  readonly fanout: number
  readonly lossChance: number
}

/** What one seed gave. Rounds are intervals of virtual time. */
export interface Observation {
  readonly joinRounds: number
  readonly crashRounds: number
  readonly falseDeaths: number
}

const NODES = 100
const INTERVAL_MS = 1_000
const ROUNDS_BEFORE_CRASH = IS_LONG ? 200 : 100
const ROUNDS_MAX = 100
/** The crash is looked for this often. */
const STEP_MS = 100
const VICTIM = 'p7'

/** A cluster that has just been started, its seed node first. Events other than verdicts are not kept. */
export function startHundred(seed: number, { fanout, lossChance }: Conditions): VirtualCluster {
  const cluster = new VirtualCluster(seed, { fanout }, { lossChance })
  cluster.keepsEvents = (event) => event.type === 'peer dead' || event.type === 'conflict' || event.type === 'error'
  for (let i = 0; i < NODES; i++) {
    cluster.add(`p${i}`, ['p0'])
    cluster.set(`p${i}`, 'key', i)
  }
  return cluster
}

/** Runs until every key is everywhere; the number of rounds. */
export function roundsToSpread(cluster: VirtualCluster): number {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    cluster.run(INTERVAL_MS)
    if (isEverywhere(cluster)) return round
  }
  throw new Error(`not everywhere within ${ROUNDS_MAX} rounds`)
}

/** Verdicts, conflicts and errors so far: with nobody dead there should be none. */
export function verdicts(cluster: VirtualCluster): number {
  return [...cluster.nodes.values()].reduce((sum, node) => sum + node.events.length, 0)
}

/** The whole experiment for one seed: a joint start, 100 rounds, a crash, until the last node has seen it. */
export function observe(seed: number, conditions: Conditions): Observation {
  const cluster = startHundred(seed, conditions)
  const joinRounds = roundsToSpread(cluster)
  cluster.run((ROUNDS_BEFORE_CRASH - joinRounds) * INTERVAL_MS)
  const before = verdicts(cluster)
  cluster.crash(VICTIM)
  const crashRounds = roundsToSee(cluster)
  const falseDeaths = verdicts(cluster) - (NODES - 1)
  return { joinRounds, crashRounds, falseDeaths: Math.max(before, falseDeaths) }
}

/** Median and largest of some figures. */
export function spread(figures: readonly number[]): { readonly median: number; readonly worst: number } {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2
  return { median: middle, worst: sorted.at(-1) ?? 0 }
}

function isEverywhere(cluster: VirtualCluster): boolean {
  for (const { engine } of cluster.nodes.values()) {
    for (const id of cluster.nodes.keys()) if (engine.read(id, 'key', cluster.now) === undefined) return false
  }
  return true
}

function roundsToSee(cluster: VirtualCluster): number {
  const others = [...cluster.nodes.values()].filter(({ id }) => id !== VICTIM)
  for (let ms = STEP_MS; ms <= ROUNDS_MAX * INTERVAL_MS; ms += STEP_MS) {
    cluster.run(STEP_MS)
    if (others.every(({ engine }) => engine.peer(VICTIM)?.status === 'dead')) return ms / INTERVAL_MS
  }
  throw new Error(`the crash is not seen within ${ROUNDS_MAX} rounds`)
}
