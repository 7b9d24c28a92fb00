/**
 * Clusters of nodes of ours and of the real package, in virtual time. `GOSSIP_SEED` sets the first seed of the random
 * schedules, `GOSSIP_RUNS` how many of each there are.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { MixedCluster, type Sent } from './mixed-cluster.ts'
import { MixedSchedule, type ScheduleRules } from './mixed-schedule.ts'

const mixed = suite('mixed')

const FIRST_SEED = Number(process.env['GOSSIP_SEED'] ?? 1)
const RUNS = Number(process.env['GOSSIP_RUNS'] ?? 12)

/** Two of each kind, each with a key, all of whom know `new1`. */
function four(seed: number): MixedCluster {
  const cluster = new MixedCluster(seed)
  cluster.addNew('new1', [])
  cluster.addNew('new2', ['new1'])
  cluster.addOld('old1', ['new1'], { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 })
  cluster.addOld('old2', ['new1'], { x: [1] })
  for (const [id, { node }] of cluster.news) node.set('k', id)
  return cluster
}

function cameTrue(cluster: MixedCluster, isTrue: () => boolean, limitMs: number): boolean {
  return cluster.runUntil(isTrue, limitMs, 250) < limitMs
}

function schedules(rules: ScheduleRules, check: (schedule: MixedSchedule, what: string) => void): void {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const schedule = new MixedSchedule(seed, rules).run(10 + (seed % 50))
    const { problems, tookMs } = schedule.settle()
    const what = `GOSSIP_SEED=${seed} GOSSIP_RUNS=1, after ${tookMs} ms`
    assert.equal(problems, [], what)
    assert.equal(schedule.errors(), [], what)
    check(schedule, what)
  }
}

mixed('keys spread in all four directions, and everybody holds everybody live', () => {
  const cluster = four(1)
  assert.ok(
    cameTrue(cluster, () => cluster.disagreements().length === 0, 20_000),
    cluster.disagreements().join('\n'),
  )
  assert.ok(
    cameTrue(cluster, () => cluster.notLive().length === 0, 10_000),
    cluster.notLive().join('\n'),
  )
})

mixed('nobody is ever called dead in 3,000 rounds, and no life is begun again', () => {
  const cluster = four(2)
  const deaths: string[] = []
  for (const [reader, { node }] of cluster.news) node.on('peer dead', ({ id }) => deaths.push(`${reader} ${id}`))
  cluster.run(3_000_000)
  assert.equal(deaths, [])
  for (const { node } of cluster.news.values()) {
    for (const { id, isOld, generation } of node.peers()) if (isOld) assert.is(generation, 1, id)
  }
  assert.equal(cluster.disagreements(), [])
})

mixed('a deletion reaches old nodes as null', () => {
  const cluster = four(3)
  cluster.run(20_000)
  cluster.new('new1').delete('k')
  const isNull = (id: string): boolean => cluster.old(id).storage.get('new1')?.data['k']?.[0] === null
  assert.ok(cameTrue(cluster, () => isNull('old1') && isNull('old2'), 20_000))
})

mixed('an old node that dies is dead everywhere among ours, and comes back with what it has then', () => {
  const cluster = four(4)
  cluster.run(60_000)
  cluster.crash('old1')
  const statuses = (): string[] => [...cluster.news.values()].map(({ node }) => String(node.explain('old1')?.status))
  assert.ok(
    cameTrue(cluster, () => statuses().every((status) => status === 'dead'), 40_000),
    statuses().join(),
  )
  cluster.addOld('old1', ['new1'], { b: 'again' })
  assert.ok(cameTrue(cluster, () => statuses().every((status) => status === 'live'), 20_000))
  const values = (): string => JSON.stringify([...cluster.news.values()].map(({ node }) => [...node.entries('old1')]))
  assert.ok(
    cameTrue(cluster, () => values() === '[[["b","again"]],[["b","again"]]]', 60_000),
    values(),
  )
})

mixed('a node of ours that dies is dead to old nodes that heard it, and is taken back when it starts again', () => {
  const cluster = four(5)
  cluster.run(60_000)
  cluster.crash('new2')
  const isLiveAt = (id: string): boolean => cluster.old(id).storage.get('new2')?.live === true
  assert.ok(cameTrue(cluster, () => !isLiveAt('old1') && !isLiveAt('old2'), 120_000))
  cluster.addNew('new2', ['new1'])
  cluster.new('new2').set('k', 'second life')
  const reads = (id: string): JsonValue | undefined => cluster.old(id).storage.get('new2')?.data['k']?.[0]
  const isBack = (): boolean => isLiveAt('old1') && isLiveAt('old2')
  assert.ok(cameTrue(cluster, isBack, 60_000))
  assert.ok(cameTrue(cluster, () => reads('old1') === 'second life' && reads('old2') === 'second life', 60_000))
})

mixed('a node of ours whose clock was set back is seen by old nodes once the clock has caught up', () => {
  const cluster = four(6)
  cluster.run(60_000)
  cluster.clockErrorMs = -30_000
  cluster.addNew('new2', ['new1'])
  cluster.new('new2').set('k', 'second life')
  const reads = (id: string): JsonValue | undefined => cluster.old(id).storage.get('new2')?.data['k']?.[0]
  assert.ok(cameTrue(cluster, () => reads('old1') === 'second life' && reads('old2') === 'second life', 90_000))
})

mixed('two nodes of ours that know nothing but the same old seed meet', () => {
  const cluster = new MixedCluster(7)
  cluster.addOld('old', [], { k: 1 })
  cluster.addNew('new1', ['old'])
  cluster.addNew('new2', ['old'])
  cluster.new('new1').set('k', 'new1')
  assert.ok(cameTrue(cluster, () => cluster.new('new2').get('new1', 'k') === 'new1', 30_000))
})

mixed('a node of ours goes back to the old package and forward again', () => {
  const cluster = four(8)
  cluster.run(30_000)
  cluster.crash('new2')
  cluster.run(60_000)
  cluster.addOld('new2', ['new1'], { k: 'downgraded' })
  assert.ok(cameTrue(cluster, () => cluster.new('new1').get('new2', 'k') === 'downgraded', 60_000))
  assert.ok(cluster.new('new1').explain('new2')?.isOld)
  cluster.addNew('new2', ['new1'])
  cluster.new('new2').set('k', 'upgraded')
  const readers = (): (JsonValue | undefined)[] => [
    cluster.new('new1').get('new2', 'k'),
    cluster.old('old1').storage.get('new2')?.data['k']?.[0],
  ]
  assert.ok(
    cameTrue(cluster, () => readers().every((value) => value === 'upgraded'), 60_000),
    JSON.stringify(readers()),
  )
  assert.not(cluster.new('new1').explain('new2')?.isOld)
})

mixed('nothing that is sent to anybody has a field that an old node would take over', () => {
  const names = new Set(['data', 'live', 'intervals', 'intervalsMean', 'lastTime', 'MAX_INTERVALS', 'sum'])
  const cluster = four(9)
  let items = 0
  cluster.onSend = ({ kind, payload }: Sent) => {
    if (kind !== 'digest') return
    for (const item of payload as readonly JsonValue[]) {
      items++
      for (const name of Object.keys(item as object)) assert.not(names.has(name), name)
    }
  }
  cluster.run(30_000)
  cluster.crash('old2')
  cluster.run(60_000)
  assert.ok(items > 500)
})

mixed('the same seed gives the same run', () => {
  const runs = [1, 2].map(() => {
    const cluster = four(10)
    let bytes = 0
    cluster.onSend = ({ payload }) => {
      bytes += JSON.stringify(payload).length
    }
    cluster.run(100_000)
    return bytes
  })
  assert.is(runs[0], runs[1])
})

mixed('without restarts, whatever is lost or late, all agree and no life is begun again', () => {
  schedules({ oldsMax: 4, newsMax: 3 }, (schedule, what) => assert.is(schedule.livesBegun(), 0, what))
})

mixed('with restarts of both kinds nodes of ours agree with everybody, and old nodes lack nothing of ours', () => {
  schedules({ oldsMax: 4, newsMax: 3, restartsOld: true, restartsNew: true }, () => {})
})

mixed('maps that take many messages are read right too', () => {
  schedules({ oldsMax: 2, newsMax: 3, restartsOld: true, keys: 40 }, () => {})
})

mixed('ids that change between the packages, or stay away, are known for what they are', () => {
  const rules = { restartsOld: true, restartsNew: true, changesKind: true, latenciesMs: [1, 50, 400] }
  schedules({ oldsMax: 3, newsMax: 3, ...rules }, () => {})
})

mixed.run()
