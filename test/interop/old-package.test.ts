/**
 * Processes of npm `gossipmonger` 0.1.10 and nodes of ours in one cluster, over real TCP. What depends on time is waited
 * for, up to a deadline far beyond what it takes.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../src/core/index.ts'
import { MixedTcpCluster } from './mixed-tcp-cluster.ts'

const interop = suite('old package')

let cluster = new MixedTcpCluster()

interop.before.each(() => {
  cluster = new MixedTcpCluster()
})

interop.after.each(() => cluster.endAll())

const MANY = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, { n: i, text: `wörd ${i}` }]))

/** Old and new ones alternate, each with keys of its own; everybody knows the first. */
async function startAll(olds: number, news: number): Promise<void> {
  await cluster.startNew('new1', [])
  for (let i = 1; i <= Math.max(olds, news - 1); i++) {
    if (i <= olds) await cluster.startOld(`old${i}`, ['new1'], { ...MANY, from: `old${i}` })
    if (i < news) await cluster.startNew(`new${i + 1}`, ['new1'])
  }
  for (const [id, node] of cluster.news) {
    node.set('from', id)
    for (const [key, value] of Object.entries(MANY)) node.set(key, value)
  }
}

function ids(): readonly string[] {
  return [...cluster.olds.keys(), ...cluster.news.keys()]
}

async function collected(problemsOf: (id: string) => Promise<readonly string[]>): Promise<readonly string[]> {
  return (await Promise.all(ids().map(problemsOf))).flat()
}

async function everybodyReads(key: string, wanted: (owner: string) => JsonValue): Promise<void> {
  await cluster.until(() => collected((owner) => cluster.misread(owner, key, wanted(owner))), 30_000)
}

async function everybodyHoldsLive(): Promise<void> {
  await cluster.until(() => collected((id) => cluster.mistaken(id, true)), 30_000)
}

interop('eight nodes share keys and hold each other live; a deletion reaches old ones as null', async () => {
  await startAll(4, 4)
  await everybodyHoldsLive()
  await everybodyReads('from', (owner) => owner)
  await everybodyReads('k11', () => MANY['k11'] as JsonValue)
  cluster.olds.get('old3')?.update('late', ['x'])
  cluster.new('new3').set('late', ['y'])
  await cluster.until(() => cluster.misread('old3', 'late', ['x']), 30_000)
  await cluster.until(() => cluster.misread('new3', 'late', ['y']), 30_000)
  cluster.new('new3').delete('late')
  await cluster.until(() => cluster.misread('new3', 'late', undefined), 30_000)
  for (const [id, node] of cluster.olds) assert.is(node.errors, 0, `${id} was sent what it cannot use`)
  for (const node of cluster.news.values()) {
    for (const { id, isOld, generation } of node.peers()) if (isOld) assert.is(generation, 1, `${id} never restarted`)
  }
})

interop('an old node and one of ours that start again are taken back with what they have then', async () => {
  await startAll(3, 3)
  await everybodyReads('from', (owner) => owner)
  const { generation } = cluster.new('new2')
  await Promise.all([cluster.end('old1'), cluster.end('new2')])
  await cluster.startOld('old1', ['new1'], { again: 'old1' })
  await cluster.startNew('new2', ['new1'])
  cluster.new('new2').set('again', 'new2')
  assert.ok(cluster.new('new2').generation > generation)
  const readersOfOurs = async (): Promise<string[]> => {
    const views = [...cluster.news].map(([id, node]) => `${id} ${JSON.stringify([...node.entries('old1')])}`)
    return views.filter((view) => !view.endsWith(' [["again","old1"]]'))
  }
  await cluster.until(readersOfOurs, 30_000)
  await cluster.until(() => cluster.misread('new2', 'again', 'new2'), 30_000)
  await everybodyHoldsLive()
})

interop('nodes of either kind that die are found dead', async () => {
  await startAll(3, 3)
  await everybodyHoldsLive()
  await cluster.until(() => cluster.unspoken('new3'), 45_000)
  await Promise.all([cluster.end('old1'), cluster.end('new3')])
  await cluster.until(() => cluster.mistaken('new3', false), 45_000)
  // An old node that only heard of another one holds it live for ever, so it is ours that are asked.
  const mistakenOurs = async (): Promise<string[]> =>
    (await cluster.mistaken('old1', false)).filter((problem) => problem.startsWith('new'))
  await cluster.until(mistakenOurs, 45_000)
})

interop('a node that does not accept old peers says so and stays unknown to them', async () => {
  const node = await cluster.startNew('new1', [], { acceptOldPeers: false })
  const old = await cluster.startOld('old1', ['new1'], { k: 1 })
  const told = (): string[] =>
    (cluster.errors.get('new1') ?? []).map((error) => (error as { code?: string }).code ?? '')
  await cluster.until(async () => (told().length < 3 ? ['fewer than three digests were refused'] : []), 10_000)
  assert.equal([...new Set(told())], ['GOSSIP_OLD_PEER_REFUSED'])
  assert.equal(node.peers(), [])
  assert.equal(Object.keys(await old.peers()), ['old1'])
})

interop('nodes of ours find each other through an old one that is all they know', async () => {
  await cluster.startOld('old1', [], { k: 1 })
  await cluster.startNew('new1', ['old1'])
  await cluster.startNew('new2', ['old1'])
  cluster.new('new1').set('k', 'new1')
  await cluster.until(() => cluster.misread('new1', 'k', 'new1'), 30_000)
  await everybodyHoldsLive()
})

interop.run()
