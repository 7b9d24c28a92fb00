/**
 * Real processes on hosts of their own, over a network that is cut, loses packets, and comes back. What takes time is
 * waited for, up to a deadline far beyond what it takes; the clusters run side by side, since most of it is waiting.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { leaveOut } from '../harness/left-out.ts'
import { HostCluster } from './host-cluster.ts'
import { labProblem } from './lab.ts'

const network = suite('network')
const SLEEP_MS = 30_000
const ALL = [1, 2, 3, 4, 5]

async function inCluster(name: string, act: (cluster: HostCluster) => Promise<void>): Promise<void> {
  const cluster = await HostCluster.start(name, ALL.length)
  try {
    await cluster.converged(ALL, 'the start')
    await act(cluster)
  } finally {
    await cluster.end()
  }
}

/** Both sides hold the other dead, go on writing, and are one again. */
async function splitAndHeal(cluster: HostCluster): Promise<void> {
  const [left, right] = [
    [1, 2],
    [3, 4, 5],
  ]
  cluster.lab.split(left, right)
  await cluster.until('each side to hold the other dead', async () => {
    const [one, three] = [await cluster.state(1), await cluster.state(3)]
    return one.dead.length === 3 && three.dead.length === 2 ? undefined : JSON.stringify([one, three])
  })
  cluster.set(1, 'side', 'left')
  cluster.set(3, 'side', 'right')
  cluster.lab.heal()
  await cluster.converged(ALL, 'a split and its end')
  assert.match((await cluster.state(5)).copies, 'left')
}

/** Host 2 hears nothing of host 1, which others tell it of. */
async function oneWayLoss(cluster: HostCluster): Promise<void> {
  const before = await deathsOf(cluster)
  cluster.drop({ at: 2, from: 1 })
  cluster.set(1, 'heard', 'by others')
  await cluster.converged(ALL, 'loss one way')
  assert.equal(await deathsOf(cluster), before, 'one way is enough for life')
  cluster.lab.heal()
  await cluster.converged(ALL, 'loss one way and its end')
}

/** Three of ten packets vanish at every host. */
async function heavyLoss(cluster: HostCluster): Promise<void> {
  cluster.drop(...ALL.map((at) => ({ at, chance: 0.3 })))
  for (const host of ALL) cluster.set(host, 'weather', `rain at ${host}`)
  await cluster.until('all keys to be everywhere in spite of the loss', async () => {
    const states = await Promise.all(ALL.map((host) => cluster.state(host)))
    const isDry = states.some(({ copies }) => ALL.some((host) => !copies.includes(`rain at ${host}`)))
    return isDry ? states.map(({ copies }) => copies).join('\n') : undefined
  })
  cluster.lab.heal()
  await cluster.converged(ALL, 'a loss of 30 % and its end')
}

/** A process is stopped for half a minute: it is held dead, convicts nobody when it wakes, and is taken back. */
async function sleepAndWake(cluster: HostCluster): Promise<void> {
  const { deaths } = await cluster.state(5)
  cluster.signal(5, 'SIGSTOP')
  const asleep = new Promise((resolve) => setTimeout(resolve, SLEEP_MS))
  await cluster.until('the stopped one to be held dead', async () => {
    const states = await Promise.all([1, 2, 3, 4].map((host) => cluster.state(host)))
    return states.every(({ dead }) => dead.includes('n5')) ? undefined : JSON.stringify(states)
  })
  cluster.set(1, 'while', 'asleep')
  await asleep
  cluster.signal(5, 'SIGCONT')
  await cluster.converged(ALL, 'a sleep of 30 s')
  assert.is((await cluster.state(5)).deaths, deaths, 'who wakes convicts nobody')
}

async function deathsOf(cluster: HostCluster): Promise<readonly number[]> {
  return Promise.all(ALL.map(async (host) => (await cluster.state(host)).deaths))
}

const CLAIM = 'splits, loss one way, a loss of 30 % and a stop of 30 s each end converged, with nobody live held dead'
const problem = labProblem()
if (problem !== undefined) leaveOut(network, CLAIM, problem)
else {
  network(CLAIM, async () => {
    const weather = async (cluster: HostCluster): Promise<void> => {
      await splitAndHeal(cluster)
      await oneWayLoss(cluster)
      await heavyLoss(cluster)
    }
    const ended = await Promise.allSettled([inCluster('weather', weather), inCluster('sleep', sleepAndWake)])
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  })
}

network.run()
