/** Runs a scenario over real transports in real time: its steps, then peace, then agreement. */

import type { EngineOptions, Transport } from '../../core/index.ts'
import { NotReachedError, ViolationError } from '../errors.ts'
import type { Scenario, Step } from '../scenario/index.ts'
import { LiveCluster, pause, realNow } from './live-cluster.ts'
import type { LiveNode } from './live-node.ts'

/** How to run it. */
export interface LiveRunOptions {
  /** Makes a transport for a peer, each time it starts. It need not listen yet. */
  readonly makeTransport: (name: string) => Transport | Promise<Transport>
  /** Take precedence over the scenario's. */
  readonly engine?: Omit<EngineOptions, 'seeds'>
  /** A round takes this long, and all of the scenario's times shrink with it, ms. @defaultValue 25 */
  readonly gossipIntervalMs?: number
  /** Rounds of peace within which everybody must agree. @defaultValue 2_000 */
  readonly settleRoundsMax?: number
}

/** How it went. */
export interface LiveOutcome {
  readonly settledAfterRounds: number
  /** Errors that nodes told, by code. */
  readonly errors: Readonly<Record<string, number>>
  /** Steps that a real transport cannot be made to do, and that were passed over. */
  readonly passedOver: number
}

/** The interval for which a scenario's times are meant, ms. */
const SCENARIO_INTERVAL_MS = 1_000
const INTERVAL_MS = 25
const KEEP_ALIVE_MS = 60_000
/** A loaded machine may take long over a round; nobody waits when all goes well. */
const SETTLE_ROUNDS_MAX = 2_000
/** Scenarios of virtual time ask for delays that would only stretch a real run. */
const DELAY_ROUNDS_MAX = 3

/**
 * Runs it.
 *
 * @throws {ViolationError} a value was read that nobody wrote, or events came out of order
 * @throws {NotReachedError} there was no agreement in time
 */
export async function runLive(scenario: Scenario, options: LiveRunOptions): Promise<LiveOutcome> {
  const intervalMs = options.gossipIntervalMs ?? INTERVAL_MS
  const cluster = new LiveCluster({
    makeTransport: options.makeTransport,
    engine: { ...scaledEngine(scenario, intervalMs), ...options.engine, gossipIntervalMs: intervalMs },
    seed: scenario.seed,
  })
  // A node's own timers keep no process alive, and not every transport does.
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS)
  try {
    return await runIn(cluster, scenario, intervalMs, options.settleRoundsMax ?? SETTLE_ROUNDS_MAX)
  } finally {
    await cluster.close()
    clearInterval(keepAlive)
  }
}

async function runIn(
  cluster: LiveCluster,
  scenario: Scenario,
  intervalMs: number,
  roundsMax: number,
): Promise<LiveOutcome> {
  const scale = intervalMs / SCENARIO_INTERVAL_MS
  const { latencyMs, ...chances } = scenario.network
  const longestMs = DELAY_ROUNDS_MAX * intervalMs
  const delayMs = {
    minMs: Math.min(longestMs, latencyMs.min * scale),
    maxMs: Math.min(longestMs, latencyMs.max * scale),
  }
  cluster.setFaults({ ...chances, delayMs, reorderMsMax: longestMs })
  for (let peer = 0; peer < scenario.peers; peer++) await cluster.add()
  let passedOver = 0
  for (const step of scenario.steps) if (!(await take(cluster, step, scale))) passedOver++
  await makePeace(cluster)
  const settledAfterRounds = await settle(cluster, intervalMs, roundsMax, scenario.seed)
  const { problems, errors } = cluster.checks
  if (problems.length > 0) {
    const violation = (problem: string) => ({ checker: 'live', kind: 'safety', at: 0, node: '', problem }) as const
    throw new ViolationError(problems.map(violation), `over a real transport, seed ${scenario.seed}`)
  }
  return { settledAfterRounds, errors, passedOver }
}

/** Times of an option scale with the interval; budgets do not. */
function scaledEngine({ engine }: Scenario, intervalMs: number): Omit<EngineOptions, 'seeds'> {
  const scale = intervalMs / SCENARIO_INTERVAL_MS
  const { deadPeerGracePeriodMs, tombstoneGraceMs, ...others } = engine
  return {
    ...others,
    ...(deadPeerGracePeriodMs === undefined ? {} : { deadPeerGracePeriodMs: Math.ceil(deadPeerGracePeriodMs * scale) }),
    ...(tombstoneGraceMs === undefined ? {} : { tombstoneGraceMs: Math.ceil(tombstoneGraceMs * scale) }),
  }
}

/** @returns whether a real transport can be made to do it */
async function take(cluster: LiveCluster, step: Step, scale: number): Promise<boolean> {
  switch (step.do) {
    case 'wait':
      await pause(step.ms * scale)
      return true
    case 'cut': {
      const [from, to] = [nodeAt(cluster, step.from).name, nodeAt(cluster, step.to).name]
      if (from !== to) cluster.links.cut(from, to)
      if (from !== to && !step.oneWay) cluster.links.cut(to, from)
      return true
    }
    case 'partition': {
      const isThere = (index: number): boolean => Math.floor(step.side / 2 ** (index % 30)) % 2 === 1
      const names = cluster.nodes.map(({ name }) => name)
      cluster.links.partition([names.filter((_, i) => !isThere(i)), names.filter((_, i) => isThere(i))])
      return true
    }
    case 'heal':
      cluster.links.heal()
      return true
    case 'join':
      await cluster.add()
      return true
    case 'corrupt':
      cluster.setFaults({ corruptChance: step.chance })
      return true
    case 'limit':
      return false
    default:
      return takeAt(cluster, step, nodeAt(cluster, step.peer), scale)
  }
}

async function takeAt(
  cluster: LiveCluster,
  step: Extract<Step, { readonly peer: number }>,
  node: LiveNode,
  scale: number,
): Promise<boolean> {
  switch (step.do) {
    case 'set':
      node.set(step.key, step.value, step.ttlMs === undefined ? undefined : Math.max(1, Math.ceil(step.ttlMs * scale)))
      return true
    case 'delete':
      node.delete(step.key)
      return true
    case 'crash':
      await node.crash(step.disk)
      return true
    case 'restart':
      await cluster.start(node)
      return true
    case 'leave':
      await node.leave()
      return true
    default:
      return false
  }
}

async function makePeace(cluster: LiveCluster): Promise<void> {
  cluster.links.heal()
  cluster.setFaults({ lossChance: 0, duplicateChance: 0, reorderChance: 0, corruptChance: 0, delayMs: 0 })
  const [seed] = cluster.nodes
  if (seed !== undefined) await cluster.start(seed)
}

async function settle(cluster: LiveCluster, intervalMs: number, roundsMax: number, seed: number): Promise<number> {
  const from = realNow()
  for (;;) {
    const missing = cluster.disagreements()
    const rounds = (realNow() - from) / intervalMs
    if (missing.length === 0) return rounds
    if (rounds > roundsMax) throw new NotReachedError(roundsMax, missing, `over a real transport, seed ${seed}`)
    await pause(intervalMs)
  }
}

function nodeAt(cluster: LiveCluster, number: number): LiveNode {
  return cluster.nodes[number % cluster.nodes.length] as LiveNode
}
