import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hear, judge, LEFT_HEARTBEAT, type LifeChange, type Peer, UNHEARD } from '../../../src/core/membership/index.ts'
import { detector, makePeer, moment } from '../../harness/make-peer.ts'

const liveness = suite('liveness')

function tell(peer: Peer, heartbeat: number, now = 1_000, silentMs?: number): LifeChange {
  return hear(peer, { heartbeat, silentMs, via: 'teller' }, moment(now), detector, 1)
}

function judged(peer: Peer, now: number): LifeChange {
  return judge(peer.table, peer.row, moment(now), detector, 1)
}

liveness('one strict rise makes an unproven peer live, the same news again does not', () => {
  const peer = makePeer({ heartbeat: 5 })
  assert.is(tell(peer, 5), undefined)
  assert.is(tell(peer, 4), undefined)
  assert.is(peer.status, 'unproven')
  assert.is(tell(peer, 6), 'live')
  assert.is(tell(peer, 7), undefined)
})

liveness('the first heartbeat of a peer known by a group alone is a sighting and no rise', () => {
  const peer = makePeer({ heartbeat: UNHEARD })
  assert.is(tell(peer, 500), undefined)
  assert.is(peer.status, 'unproven')
  assert.is(tell(peer, 501), 'live')
})

liveness('the gap before a proof of life is no sample, the gaps after it are', () => {
  const peer = makePeer({ heartbeat: 5 })
  tell(peer, 6, 9_000)
  assert.is(peer.samples, 0)
  tell(peer, 7, 10_000)
  assert.is(peer.samples, 1)
})

liveness('news that repeats a heartbeat is no sample', () => {
  const peer = makePeer({ status: 'live' })
  tell(peer, 6, 1_000)
  tell(peer, 6, 1_001)
  tell(peer, 5, 1_002)
  assert.is(peer.samples, 1)
  assert.is(peer.heardAt, 1_000)
})

liveness('the time between two lives is no gap between heartbeats', () => {
  const peer = makePeer({ status: 'dead' })
  peer.heartbeat = UNHEARD
  assert.is(tell(peer, 1, 90_000), 'live')
  assert.is(peer.samples, 0)
})

liveness('silence beyond the threshold convicts once', () => {
  const peer = makePeer({ status: 'live' })
  assert.is(judged(peer, 18_420), undefined)
  assert.is(judged(peer, 18_421), 'dead')
  assert.is(judged(peer, 99_999), undefined)
})

liveness("an unproven peer's silence counts from discovery", () => {
  assert.is(judged(makePeer(), 18_421), 'dead')
})

liveness('one rise revives a dead peer', () => {
  const peer = makePeer({ status: 'dead' })
  assert.is(tell(peer, 6), 'live')
})

liveness('a rise told by somebody who holds it dead revives nobody, but counts', () => {
  const peer = makePeer({ status: 'dead' })
  assert.is(tell(peer, 9, 50_000, 20_000), undefined)
  assert.is(peer.status, 'dead')
  assert.is(peer.heartbeat, 9)
  assert.is(peer.heardAt, 30_000)
  assert.is(tell(peer, 9, 51_000), undefined, 'no rise')
  assert.is(tell(peer, 10, 51_000), 'live')
})

liveness('a rise told by somebody who holds it dead does not prolong the life of a live one', () => {
  const peer = makePeer({ status: 'live' })
  tell(peer, 9, 18_000, 20_000)
  assert.is(peer.status, 'live')
  assert.is(judged(peer, 18_421), 'dead')
})

liveness('at equal heartbeats the larger silence counts for whoever is not live', () => {
  for (const status of ['dead', 'unproven', 'left'] as const) {
    const peer = makePeer({ status })
    tell(peer, 5, 10_000, 60_000)
    assert.is(peer.heardAt, -50_000, status)
    tell(peer, 5, 10_000, 30_000)
    assert.is(peer.heardAt, -50_000, status)
  }
})

liveness('the silence told by somebody else does not touch a live peer', () => {
  const peer = makePeer({ status: 'live' })
  tell(peer, 5, 10_000, 60_000)
  assert.is(peer.heardAt, 0)
  assert.is(judged(peer, 10_000), undefined)
})

liveness('the silence that comes with an older heartbeat is ignored', () => {
  const peer = makePeer({ status: 'dead' })
  tell(peer, 4, 10_000, 60_000)
  assert.is(peer.heardAt, 0)
})

liveness('leaving beats every heartbeat of the generation, and nothing brings the peer back', () => {
  const peer = makePeer({ status: 'live' })
  assert.is(tell(peer, LEFT_HEARTBEAT), 'left')
  assert.is(tell(peer, 1e9), undefined)
  assert.is(tell(peer, LEFT_HEARTBEAT), undefined)
  assert.is(judged(peer, 1e9), undefined)
  assert.is(peer.status, 'left')
})

liveness('a goodbye told by a third party carries the time since', () => {
  const peer = makePeer({ status: 'live' })
  tell(peer, LEFT_HEARTBEAT, 50_000, 20_000)
  assert.is(peer.heardAt, 30_000)
})

liveness('a peer that left, came back as another life and died is dead, not gone in peace', () => {
  const peer = makePeer({ status: 'left' })
  peer.heartbeat = UNHEARD
  assert.is(tell(peer, 7, 50_000, 20_000), 'dead')
  assert.is(peer.status, 'dead')
})

liveness('time in which this process did not run convicts nobody', () => {
  const peer = makePeer({ status: 'live' })
  assert.is(judge(peer.table, peer.row, { now: 100_000, active: 18_000 }, detector, 1), undefined)
})

liveness.run()
