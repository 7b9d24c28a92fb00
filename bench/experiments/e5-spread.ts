/**
 * How many rounds does one update take to everybody, against the bound for push-pull? Expected: the mean within 0.2 of
 * log3 n + log2 ln n, and with 20 % of all messages lost at most 35 % more.
 */

import type { Experiment, ExperimentRun, Finding } from '../harness/experiment.ts'
import { meanOf } from '../harness/experiment.ts'
import { LockstepCluster } from '../harness/lockstep-cluster.ts'

/** Sizes, and how many updates are followed at each. */
const SIZES = [
  { nodes: 128, updates: 400, lossyUpdates: 100 },
  { nodes: 1_024, updates: 40, lossyUpdates: 10 },
  { nodes: 10_000, updates: 1, lossyUpdates: 1 },
] as const
/** Beyond this a run takes minutes and gigabytes. */
const QUICK_NODES_MAX = 1_024
/** Few gaps, and one page: what a simulation of thousands would choose. */
const ENGINE = { fanout: 1, samplingWindowSize: 4, digestBytesMax: 2 ** 28, deltaBytesMax: 2 ** 28 }
const LOSS_CHANCE = 0.2
const MEAN_WITHIN = 0.2
const LOSS_COST_MAX = 1.35
const ROUNDS_MAX = 200

/** What to follow. */
interface Following {
  readonly nodes: number
  readonly updates: number
  readonly lossChance: number
  readonly loses: LockstepCluster['loses']
}

/** The experiment. */
export const experiment: Experiment = {
  question: 'rounds until one update has reached everybody, fan-out 1, everybody knows everybody',
  source: 'Karp et al., FOCS 2000 and Demers et al., PODC 1987; the value is log3 n + log2 ln n',
  run: async (run) =>
    SIZES.filter(({ nodes }) => !run.isQuick || nodes <= QUICK_NODES_MAX).flatMap((size) => atSize(size, run)),
}

function atSize(
  { nodes, updates, lossyUpdates }: (typeof SIZES)[number],
  { seed, tell }: ExperimentRun,
): readonly Finding[] {
  const cluster = new LockstepCluster({ seed, nodes, engine: ENGINE })
  tell(`n = ${nodes}: everybody is introduced to everybody`)
  cluster.introduce()
  const calm = follow(cluster, { nodes, updates, lossChance: 0, loses: 'contacts' }, tell)
  const lossy = follow(cluster, { nodes, updates: lossyUpdates, lossChance: LOSS_CHANCE, loses: 'contacts' }, tell)
  const lossier = follow(cluster, { nodes, updates: lossyUpdates, lossChance: LOSS_CHANCE, loses: 'messages' }, tell)
  const paper = Math.log(nodes) / Math.log(3) + Math.log2(Math.log(nodes))
  const cost = (rounds: readonly number[]): number => meanOf(rounds) / meanOf(calm)
  return [
    {
      condition: `n = ${nodes}`,
      unit: 'rounds',
      paper,
      ours: calm,
      goal: { text: `mean at most ${MEAN_WITHIN} above`, isMet: meanOf(calm) <= paper + MEAN_WITHIN },
    },
    {
      condition: `n = ${nodes}, 20 % of contacts lost`,
      unit: 'rounds',
      paper: undefined,
      ours: lossy,
      goal: { text: `at most ${LOSS_COST_MAX} × without`, isMet: cost(lossy) <= LOSS_COST_MAX },
      note: `${cost(lossy).toFixed(2)} ×`,
    },
    {
      condition: `n = ${nodes}, 20 % of messages lost`,
      unit: 'rounds',
      paper: undefined,
      ours: lossier,
      note: `${cost(lossier).toFixed(2)} ×: an exchange is up to four messages, news goes one way after two, the other after three`,
    },
  ]
}

function follow(
  cluster: LockstepCluster,
  { nodes, updates, lossChance, loses }: Following,
  tell: (text: string) => void,
): readonly number[] {
  cluster.lossChance = lossChance
  cluster.loses = loses
  return Array.from({ length: updates }, (_, update) => {
    const owner = Math.floor(cluster.random() * nodes)
    cluster.set(owner, 'update', `${loses} ${lossChance} ${update}`)
    const version = cluster.versionOf(owner)
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      cluster.round()
      tell(`n = ${nodes}, ${lossChance * 100} % loss: update ${update + 1} of ${updates}, round ${round}`)
      const hasAll = cluster.engines.every(
        (_engine, node) => node === owner || cluster.versionAt(node, owner) >= version,
      )
      if (hasAll) return round
    }
    throw new Error(`an update is not everywhere after ${ROUNDS_MAX} rounds`)
  })
}
