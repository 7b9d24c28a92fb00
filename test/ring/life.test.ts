/** Who may be in a ring, and how a ring ends. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GossipError, Gossipmonger } from '../../src/core/index.ts'
import { Ring, type RingPeer } from '../../src/ring/index.ts'
import { RingCluster } from './cluster.ts'

interface Context {
  cluster: RingCluster
}

const isStore = ({ metadata }: RingPeer): boolean => (metadata as { role?: string } | undefined)?.role === 'store'

const life = suite<Context>('ring: life')

life.before.each((context) => {
  context.cluster = new RingCluster()
})

life.after.each(async ({ cluster }) => {
  await cluster.close()
})

function errorOf(act: () => unknown): GossipError {
  try {
    act()
  } catch (error) {
    return error as GossipError
  }
  throw new Error('nothing was thrown')
}

life('S4.4 only those whose metadata says so are in the ring, on every node, this one included', async () => {
  const cluster = new RingCluster({ isMember: isStore })
  const client = await cluster.add('a')
  const first = await cluster.add('b', {}, { role: 'store' })
  const second = await cluster.add('c', {}, { role: 'store' })
  await cluster.run(5_000)
  for (const { ring } of [client, first, second]) {
    assert.equal([...ring.members].sort(), ['b', 'c'])
    assert.is(ring.isResponsibleFor('v'), ring === first.ring ? first.ring.isOwner('v') : ring.isOwner('v'))
  }
  for (let number = 0; number < 50; number++) assert.not.ok(client.ring.isResponsibleFor(`v${number}`))
  assert.ok(['b', 'c'].includes(client.ring.successor?.id ?? ''))
  await cluster.run(10_000)
  assert.is(client.ring.status(), 'joined')
  await cluster.close()
})

life('S4.4 metadata that arrives after its peer is heard at once, not at the next service interval', async () => {
  const cluster = new RingCluster({ isMember: isStore, serviceIntervalMs: '24h' })
  const a = await cluster.add('a', {}, { role: 'store' })
  const heard: unknown[] = []
  a.node.on('peer metadata', ({ id, metadata }) => heard.push([id, metadata]))
  const transport = cluster.transport('b')
  const deltas = transport.deltas.bind(transport)
  let isOpen = false
  transport.deltas = (...message) => {
    if (isOpen) deltas(...message)
  }
  await cluster.add('b', { transport }, { role: 'store' })
  await cluster.run(5_000)
  assert.equal([a.node.livePeers().length, heard, a.ring.members], [1, [], ['a']])
  isOpen = true
  await cluster.run(3_000)
  assert.equal(heard, [['b', { role: 'store' }]])
  assert.equal([...a.ring.members].sort(), ['a', 'b'])
  await cluster.close()
})

life('S4.10 what isMember thinks anew is found out within a service interval', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b', 'c')
  let isOpen = true
  const ring = cluster.ring(a?.node as Gossipmonger, { isMember: ({ id }) => isOpen || id === 'a' })
  await cluster.run(15_000)
  isOpen = false
  assert.is(ring.members.length, 3)
  await cluster.run(10_000)
  assert.equal(ring.members, ['a'])
})

life('where nobody is a member, lookups say so by a code', async () => {
  const cluster = new RingCluster({ isMember: () => false })
  const { ring } = await cluster.add('a')
  assert.is(errorOf(() => ring.ownerOf('v')).code, 'GOSSIP_RING_EMPTY')
  assert.equal(ring.ownersOf('v', 3), [])
  assert.not.ok(ring.isResponsibleFor('v'))
  await cluster.close()
})

life('isMember and listeners that throw harm nobody, and come as errors', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b')
  const node = a?.node as Gossipmonger
  const ring = cluster.ring(node, {
    isMember: ({ id }) => {
      if (id !== 'a') throw new Error('no idea')
      return true
    },
  })
  assert.equal(ring.members, ['a'])
  assert.is(ring.stats.errors, 1)
  const codes: unknown[] = []
  const open = cluster.ring(node)
  open.on('error', (error) => codes.push((error as GossipError).code))
  open.on('members', () => {
    throw new Error('a bug')
  })
  let wasCalled = false
  open.on('members', () => {
    wasCalled = true
  })
  await cluster.add('c')
  await cluster.run(5_000)
  assert.equal([codes, wasCalled, open.stats], [['GOSSIP_LISTENER_THREW'], true, { members: 3, errors: 1 }])
})

life('a restarted peer is in the ring again, under its new address and life', async ({ cluster }) => {
  const [a, b] = await cluster.settled('a', 'b')
  const generation = a?.ring.successor?.generation as number
  await cluster.crash(b as NonNullable<typeof b>)
  const again = await cluster.add('b', { transport: cluster.transport('b2') })
  await cluster.run(8_000)
  const { successor } = (a as NonNullable<typeof a>).ring
  assert.is(successor?.transport, 'b2')
  assert.ok((successor?.generation ?? 0) > generation)
  assert.is(again.ring.members.length, 2)
})

life('S4.6 a ring ends with its node: everybody is gone, and that is told', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b')
  const { node, ring, told } = a as NonNullable<typeof a>
  told.splice(0)
  await node.close()
  await cluster.run(1)
  assert.equal(told, [
    ['members', [], ['a', 'b']],
    ['successor', undefined],
    ['predecessor', undefined],
    ['status', 'joined', 'lonely'],
  ])
  assert.match(errorOf(() => ring.ownerOf('v')).message, 'the node is closed')
  assert.not.ok(ring.isResponsibleFor('v'))
  assert.is(errorOf(() => new Ring(node)).code, 'GOSSIP_NODE_CLOSED')
})

life('S4.12 a node that stopped over an id conflict is responsible for nothing from then on', async ({ cluster }) => {
  const [a, b] = await cluster.settled('a', 'b')
  const { node, ring } = b as NonNullable<typeof b>
  const mine = Array.from({ length: 50 }, (_, number) => `v${number}`).filter((value) => ring.isOwner(value))
  assert.ok(mine.length > 0)
  let wasTold = false
  node.on('conflict', () => {
    wasTold = true
    for (const value of mine) assert.not.ok(ring.isOwner(value))
  })
  const twin = await cluster.add('b', { transport: cluster.transport('b2'), seeds: ['a'] })
  for (let round = 0; round < 60 && !wasTold; round++) await cluster.run(1_000)
  assert.ok(wasTold, 'one of two under an id stops')
  assert.is(ring.status(), 'lonely')
  await cluster.run(5_000)
  for (const value of mine) {
    assert.ok(twin.ring.isOwner(value))
    assert.is(a?.ring.ownerOf(value).peer.transport, 'b2')
  }
})

life('a closed ring tells nothing more, keeps no timer, and leaves its node as it was', async () => {
  const cluster = new RingCluster()
  const [a] = await cluster.settled('a', 'b')
  const { node, ring, told } = a as NonNullable<typeof a>
  const pending = cluster.system.pending
  told.splice(0)
  const other = cluster.ring(node)
  assert.is(cluster.system.pending, pending + 1)
  other.close()
  ring.close()
  ring.close()
  assert.is(cluster.system.pending, pending - 1)
  await cluster.add('c')
  await cluster.run(20_000)
  assert.equal(told, [])
  assert.is(node.livePeers().length, 2)
  assert.match(errorOf(() => ring.ownerOf('v')).message, 'the ring is closed')
  await cluster.close()
})

life('a listener may close the ring, and isMember too', async ({ cluster }) => {
  const [a] = await cluster.settled('a', 'b')
  const { node, ring, told } = a as NonNullable<typeof a>
  ring.on('members', () => ring.close())
  told.splice(0)
  let questions = 0
  const asked = cluster.ring(node, {
    isMember: ({ id }) => {
      // First when it is heard of, then when it lives.
      if (id === 'c' && ++questions === 2) asked.close()
      return true
    },
  })
  await cluster.add('c')
  await cluster.run(20_000)
  const came = ['status', 'joined', 'unbalanced']
  assert.equal(told, [came, ['members', ['c'], []]], 'nothing is told after the end')
  assert.equal([ring.members, asked.members], [[], []])
})

life('isMember may close the ring in a service interval: no timer and no watch is left', async () => {
  const cluster = new RingCluster()
  const [a] = await cluster.settled('a', 'b')
  const node = a?.node as Gossipmonger
  const { pending } = cluster.system
  const watch = node.watch.bind(node)
  let signal: AbortSignal | undefined
  node.watch = (options) => {
    signal = options?.signal
    return watch(options)
  }
  let isClosing = false
  const ring = cluster.ring(node, {
    isMember: () => {
      if (isClosing) ring.close()
      return true
    },
  })
  isClosing = true
  assert.equal([cluster.system.pending, signal?.aborted], [pending + 1, false])
  await cluster.run(20_000)
  assert.equal([cluster.system.pending, signal?.aborted], [pending, true])
  await cluster.close()
})

life('a node that is none is refused', () => {
  assert.is(errorOf(() => new Ring({} as never)).code, 'GOSSIP_OPTION_INVALID')
})

life.run()
