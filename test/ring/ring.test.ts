import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type GossipError, Gossipmonger } from '../../src/core/index.ts'
import { type MemberChange, Ring, type RingPeer } from '../../src/ring/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { RingCluster } from './cluster.ts'

interface Context {
  cluster: RingCluster
}

const VALUES = Array.from({ length: 300 }, (_, index) => `value ${index}`)

const rings = suite<Context>('ring')

rings.before.each((context) => {
  context.cluster = new RingCluster()
})

rings.after.each(async ({ cluster }) => {
  await cluster.close()
})

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as GossipError).code
  }
  return 'nothing was thrown'
}

rings('S4.11 every node names the same owner of every value, and all of them own some', async ({ cluster }) => {
  const nodes = await cluster.settled('a', 'b', 'c', 'd')
  const owners = new Set<string>()
  for (const value of VALUES) {
    const named = new Set(nodes.map(({ ring }) => ring.ownerOf(value).peer.id))
    assert.is(named.size, 1, value)
    for (const id of named) owners.add(id)
  }
  assert.is(owners.size, 4)
})

rings(
  'S4.4 S4.11 an owner comes with its address and its metadata, and with {} where there is none',
  async ({ cluster }) => {
    const a = await cluster.add('a', {}, { zone: 'west' })
    const b = await cluster.add('b')
    await cluster.run(5_000)
    for (const { ring, node } of [a, b]) {
      for (const value of VALUES) {
        const { peer, metadata, isSelf } = ring.ownerOf(value)
        assert.is(isSelf, peer.id === node.id)
        assert.is(peer.transport, peer.id, 'the address of a node of this network is its id')
        assert.equal(metadata, peer.id === 'a' ? { zone: 'west' } : {})
        assert.equal(peer.metadata, peer.id === 'a' ? { zone: 'west' } : undefined)
      }
    }
  },
)

rings('S4.11 ownersOf names as many as asked, the owner first, and each once', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b', 'c', 'd')
  for (const value of VALUES) {
    const ids = a?.ring.ownersOf(value, 3).map(({ peer }) => peer.id) ?? []
    assert.is(new Set(ids).size, 3)
    assert.is(ids[0], a?.ring.ownerOf(value).peer.id)
    assert.is(a?.ring.ownersOf(value).length, 1)
  }
  assert.is(a?.ring.ownersOf('value', 9).length, 4, 'there are only four')
  for (const count of [0, 65_537, 1.5])
    assert.is(
      codeOf(() => a?.ring.ownersOf('v', count)),
      'GOSSIP_OPTION_INVALID',
    )
})

rings('S4.12 exactly one node is responsible for a value', async ({ cluster }) => {
  const nodes = await cluster.settled('a', 'b', 'c', 'd')
  for (const value of VALUES) {
    const [responsible, ...others] = nodes.filter(({ ring }) => ring.isResponsibleFor(value))
    assert.equal(others, [], value)
    assert.is(responsible?.ring.isOwner(value), true)
    assert.is(responsible?.node.id, nodes[0]?.ring.ownerOf(value).peer.id)
  }
})

rings('S4.12 with replicas, so many are responsible, and one of them is the owner', async () => {
  const cluster = new RingCluster({ replicas: 2 })
  const nodes = await cluster.settled('a', 'b', 'c', 'd')
  for (const value of VALUES) {
    const responsible = nodes.filter(({ ring }) => ring.isResponsibleFor(value)).map(({ node }) => node.id)
    const named = nodes[0]?.ring.ownersOf(value).map(({ peer }) => peer.id) ?? []
    assert.equal(responsible, [...named].sort())
    assert.equal(
      nodes.filter(({ ring }) => ring.isOwner(value)).map(({ node }) => node.id),
      [named[0]],
    )
  }
  await cluster.close()
})

rings('S4.11 S4.12 values are texts and bytes; anything else is refused with a code', async ({ cluster }) => {
  const { ring } = await cluster.add('a')
  assert.is(ring.ownerOf(new Uint8Array([1])).peer.id, 'a')
  for (const name of ['ownerOf', 'ownersOf', 'isOwner', 'isResponsibleFor'] as const) {
    assert.is(
      codeOf(() => ring[name]({ a: 1 } as never)),
      'GOSSIP_VALUE_INVALID',
    )
  }
})

rings('S4.12 whoever is alone is responsible for everything, even before it has started', async () => {
  const network = new MemoryNetwork()
  const node = new Gossipmonger({ id: 'a' }, { transport: network.transport('a') })
  const ring = new Ring(node)
  for (const value of VALUES) assert.ok(ring.isResponsibleFor(value))
  assert.is(ring.status(), 'lonely')
  assert.equal([ring.successor, ring.predecessor], [undefined, undefined])
  assert.equal(ring.members, ['a'])
  await node.close()
})

rings('S4.13 successors lead through all members and back, and predecessors the other way', async ({ cluster }) => {
  const nodes = await cluster.settled('a', 'b', 'c', 'd', 'e')
  const byId = new Map(nodes.map((ringed) => [ringed.node.id, ringed.ring]))
  for (const way of ['successor', 'predecessor'] as const) {
    const seen = new Set<string>()
    for (let id = 'a'; !seen.has(id); id = byId.get(id)?.[way]?.id ?? '') seen.add(id)
    assert.equal([...seen].sort(), ['a', 'b', 'c', 'd', 'e'])
  }
})

rings('S4.13 neighbours are told when they are others, and not when they are the same', async ({ cluster }) => {
  const a = await cluster.add('a')
  const all: [RingPeer | undefined, string][] = []
  a.ring.on('environment::*', (peer, which) => all.push([peer, which]))
  const b = await cluster.add('b')
  await cluster.run(5_000)
  const neighbours = () => a.told.filter(([type]) => type === 'successor' || type === 'predecessor')
  assert.equal(neighbours(), [
    ['successor', 'b'],
    ['predecessor', 'b'],
  ])
  assert.equal(
    all.map(([peer, which]) => [which, peer?.id]),
    neighbours(),
  )
  assert.is(all[0]?.[0]?.transport, 'b')
  await cluster.run(60_000)
  assert.is(neighbours().length, 2, 'nothing changes, so nothing is told')
  await cluster.crash(b)
  await cluster.runUntilDead()
  assert.equal(neighbours().slice(2), [
    ['successor', undefined],
    ['predecessor', undefined],
  ])
})

rings('S4.13 a newcomer that stands elsewhere on the circle is no news for a neighbour', async ({ cluster }) => {
  const [a, b, c] = await cluster.settled('a', 'b', 'c', 'd', 'e')
  const near = new Set([a?.ring.successor?.id, a?.ring.predecessor?.id])
  const far = [b, c, ...cluster.all.slice(3)].find((other) => !near.has(other?.node.id)) as typeof a
  a?.told.splice(0)
  await far?.node.close({ leave: true })
  await cluster.run(30_000)
  assert.equal(a?.told, [
    ['members', [], [far?.node.id]],
    ['status', 'joined', 'unbalanced'],
    ['status', 'unbalanced', 'joined'],
  ])
})

rings(
  'S4.8 S4.9 a node is lonely, unbalanced when somebody comes, and joined after a service interval',
  async ({ cluster }) => {
    const a = await cluster.add('a')
    const stars: unknown[] = []
    a.ring.on('status::*', (change) => stars.push(change))
    await cluster.run(30_000)
    assert.is(a.ring.status(), 'lonely')
    assert.equal(a.told, [])
    await cluster.add('b')
    await cluster.run(5_000)
    assert.is(a.ring.status(), 'unbalanced')
    await cluster.run(10_000)
    assert.is(a.ring.status(), 'joined')
    const told = a.told.filter(([type]) => type === 'status')
    assert.equal(told, [
      ['status', 'lonely', 'unbalanced'],
      ['status', 'unbalanced', 'joined'],
    ])
    assert.equal(stars, [
      { from: 'lonely', to: 'unbalanced' },
      { from: 'unbalanced', to: 'joined' },
    ])
  },
)

rings('S4.8 S4.9 when all others are gone a node is lonely again', async ({ cluster }) => {
  const [a, b, c] = await cluster.settled('a', 'b', 'c')
  a?.told.splice(0)
  await b?.node.close({ leave: true })
  await cluster.run(2_000)
  assert.is(a?.ring.status(), 'unbalanced')
  await cluster.crash(c as NonNullable<typeof c>)
  await cluster.runUntilDead()
  assert.is(a?.ring.status(), 'lonely')
  assert.equal(a?.told.at(-1)?.[0], 'status')
  assert.equal(a?.told.at(-1)?.[2], 'lonely')
})

rings(
  'S4.8 S4.10 members that keep changing keep the ring unbalanced; it settles a service interval later',
  async ({ cluster }) => {
    const [a] = await cluster.settled('a', 'b')
    for (let number = 0; number < 4; number++) {
      await cluster.add(`c${number}`)
      await cluster.run(7_000)
      assert.is(a?.ring.status(), 'unbalanced')
    }
    const before = cluster.system.now()
    a?.told.splice(0)
    while (a?.ring.status() !== 'joined') await cluster.run(100)
    assert.ok(cluster.system.now() - before <= 10_000)
    await cluster.run(100)
    assert.equal(a?.told, [['status', 'unbalanced', 'joined']], 'told when it came, not at the next interval')
  },
)

rings('S4.8 a peer that was heard of but has not shown life keeps the ring unbalanced', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b')
  const d = await cluster.add('d', { seeds: ['b'] })
  while (a?.node.peer('d') === undefined) await cluster.run(50)
  await cluster.crash(d)
  await cluster.run(12_000)
  assert.is(a?.node.peer('d')?.status, 'unproven')
  assert.equal([...(a?.ring.members ?? [])].sort(), ['a', 'b'])
  assert.is(a?.ring.status(), 'unbalanced')
  await cluster.runUntilDead()
  assert.is(a?.node.peer('d')?.status, 'dead')
  assert.is(a?.ring.status(), 'joined')
})

rings('members are told once for whatever comes in one turn, and only if it stays', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b', 'c')
  const node = a?.node as Gossipmonger
  const told: MemberChange[] = []
  let isHidden = false
  const ring = cluster.ring(node, { isMember: ({ id }) => !(isHidden && id !== 'a') })
  ring.on('members', (change) => told.push(change))
  isHidden = true
  await cluster.run(10_000)
  assert.is(told.length, 1)
  assert.equal(told[0]?.joined, [])
  assert.equal([...(told[0]?.gone ?? [])].sort(), ['b', 'c'])
})

rings('S4.7 wellKnownPeers is a list to store and come back by', async ({ cluster }) => {
  const [a, b] = await cluster.settled('a', 'b', 'c')
  const stored = JSON.stringify(b?.ring.wellKnownPeers.get())
  const ids = (JSON.parse(stored) as { id: string }[]).map(({ id }) => id)
  assert.equal([ids[0], ...ids.slice(1).sort()], ['b', 'a', 'c'], 'itself first')
  const copy = a?.ring.wellKnownPeers.get() as unknown[]
  copy.splice(0)
  assert.is(a?.ring.wellKnownPeers.get().length, 3)
  const seeds = (JSON.parse(stored) as { id: string; transport: string }[]).filter(({ id }) => id !== 'b')
  const d = await cluster.add('d', { seeds })
  await cluster.run(5_000)
  assert.is(d.ring.members.length, 4)
})

rings('S4.5 one well known peer is enough, and there may be several', async ({ cluster }) => {
  await cluster.settled('a', 'b')
  const one = await cluster.add('c', { seeds: ['b'] })
  const several = await cluster.add('d', { seeds: ['nobody', 'c', { id: 'a', transport: 'a' }] })
  await cluster.run(8_000)
  for (const { ring } of [one, several]) assert.equal([...ring.members].sort(), ['a', 'b', 'c', 'd'])
})

rings('S4.6 a node whose seed appears an hour later joins by itself', async () => {
  const cluster = new RingCluster()
  const late = await cluster.add('b', { seeds: ['a'], gossipIntervalMs: 5_000, deadPeerGracePeriodMs: 60_000 })
  await cluster.run(3_600_000)
  assert.is(late.ring.status(), 'lonely')
  await cluster.add('a', { seeds: [], gossipIntervalMs: 5_000, deadPeerGracePeriodMs: 60_000 })
  await cluster.run(60_000)
  assert.is(late.ring.status(), 'joined')
  assert.is(late.ring.successor?.id, 'a')
  await cluster.close()
})

rings.run()
