/** The driver, over the memory network and in virtual time. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type GossipError, Gossipmonger, type GossipmongerOptions, type PeerView } from '../../src/core/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

interface Context {
  network: MemoryNetwork
  system: VirtualSystem
  nodes: Gossipmonger[]
  make(id: string, options?: Partial<GossipmongerOptions>): Gossipmonger
}

const SECOND = 1_000

const driver = suite<Context>('gossipmonger')

driver.before.each((context) => {
  context.network = new MemoryNetwork()
  context.system = new VirtualSystem()
  context.nodes = []
  context.make = (id, options = {}) => {
    const transport = context.network.transport(id)
    const node = new Gossipmonger(
      { id, metadata: { zone: id } },
      { transport, system: context.system, seeds: ['a'], ...options },
    )
    context.nodes.push(node)
    return node
  }
})

driver.after.each(async ({ nodes }) => {
  for (const node of nodes) await node.close()
})

async function startPair({ make, system }: Context): Promise<[Gossipmonger, Gossipmonger]> {
  const a = make('a')
  const b = make('b')
  await a.start()
  await b.start()
  await system.run(3 * SECOND)
  return [a, b]
}

driver('S2.20 what was set before the start is replicated after it', async (context) => {
  const a = context.make('a')
  a.set('early', { bird: true })
  await a.start()
  const b = await context.make('b').start()
  await context.system.run(3 * SECOND)
  assert.equal(b.get('a', 'early'), { bird: true })
  assert.equal([...b.entries('a')], [['early', { bird: true }]])
})

driver('S3.31 peers are live, with their metadata, and can be stored as seeds', async (context) => {
  const [a] = await startPair(context)
  const [view] = a.livePeers() as [PeerView]
  assert.is(view.id, 'b')
  assert.equal(view.metadata, { zone: 'b' })
  assert.equal(a.knownPeers(), [{ id: 'b', transport: 'b' }])
  assert.is(a.entries('b').size, 0, 'metadata is no key of the user')
})

driver('S2.26 S2.27 updates and deletions are told after they can be read, own writes are not', async (context) => {
  const [a, b] = await startPair(context)
  const told: string[] = []
  b.on('update', (peer, key, value) => told.push(`${peer} ${key} ${String(value)} ${String(b.get(peer, key))}`))
  b.on('delete', (peer, key) => told.push(`${peer} ${key} gone ${String(b.get(peer, key))}`))
  b.set('own', 1)
  a.set('k', 1)
  await context.system.run(3 * SECOND)
  a.delete('k')
  await context.system.run(3 * SECOND)
  assert.equal(told, ['a k 1 1', 'a k gone undefined'])
})

driver('a listener that throws or acts on the node harms nobody', async (context) => {
  const [a, b] = await startPair(context)
  const errors: string[] = []
  b.on('error', (error) => errors.push((error as GossipError).code))
  b.on('update', () => {
    throw new Error('mine')
  })
  b.on('update', (_peer, key) => b.set(`seen-${key}`, true))
  a.set('k', 1)
  await context.system.run(5 * SECOND)
  assert.equal(errors, ['GOSSIP_LISTENER_THREW'])
  assert.is(a.get('b', 'seen-k'), true)
})

driver('an error listener that throws is counted and not told of itself', async (context) => {
  const [a] = await startPair(context)
  let calls = 0
  a.on('error', () => {
    calls++
    throw new Error('again')
  })
  await context.nodes[1]?.close()
  await context.system.run(2 * SECOND)
  assert.ok(calls > 0)
  assert.is(a.stats.errors, 2 * calls)
})

driver('a leased key goes everywhere when its time is over', async (context) => {
  const [a, b] = await startPair(context)
  a.set('lease', 1, { ttlMs: 10 * SECOND })
  await context.system.run(5 * SECOND)
  assert.is(b.get('a', 'lease'), 1)
  await context.system.run(6 * SECOND)
  assert.is(b.get('a', 'lease'), undefined)
  assert.is(a.get('a', 'lease'), undefined)
})

driver('values are frozen copies', async (context) => {
  const [a, b] = await startPair(context)
  const value = { list: [1] }
  a.set('k', value)
  value.list.push(2)
  await context.system.run(3 * SECOND)
  assert.equal(b.get('a', 'k'), { list: [1] })
  assert.throws(() => (b.get('a', 'k') as { list: number[] }).list.push(3), /not extensible/)
})

driver('leaving is told as such, before the sockets close', async (context) => {
  const [a, b] = await startPair(context)
  const told: string[] = []
  a.on('peer left', ({ id, status }) => told.push(`${id} ${status}`))
  a.on('peer dead', ({ id }) => told.push(`${id} dead`))
  const closing = b.close({ leave: true })
  await context.system.run(SECOND)
  await closing
  await context.system.run(60 * SECOND)
  assert.equal(told, ['b left'])
  assert.equal(a.knownPeers(), [])
})

driver('close without anybody to take the goodbye ends after the deadline', async (context) => {
  const [a, b] = await startPair(context)
  await a.close()
  let isClosed = false
  const closing = b.close({ leave: true }).then(() => {
    isClosed = true
  })
  await context.system.run(2 * SECOND)
  assert.not(isClosed)
  await context.system.run(2 * SECOND)
  await closing
})

driver('S2.22 a closed node is finished, leaves no timer and releases its address', async (context) => {
  const [a, b] = await startPair(context)
  await Promise.all([a.close(), b.close(), b.close()])
  assert.is(context.system.pending, 0)
  for (const act of [() => b.set('k', 1), () => b.delete('k'), () => b.gossip(), () => b.watch()]) {
    assert.throws(act, (error: GossipError) => error.code === 'GOSSIP_NODE_CLOSED')
  }
  await b.start().then(
    () => assert.unreachable(),
    (error: GossipError) => assert.is(error.code, 'GOSSIP_NODE_CLOSED'),
  )
  await context.make('b').start()
})

driver('start is refused twice and when aborted, and gossip before it', async (context) => {
  const a = context.make('a')
  assert.throws(
    () => a.gossip(),
    (error: GossipError) => error.code === 'GOSSIP_NODE_NOT_STARTED',
  )
  await a.start()
  const again = await a.start().catch((error: GossipError) => error.code)
  assert.is(again, 'GOSSIP_NODE_STARTED')
  const aborted = await context
    .make('c')
    .start({ signal: AbortSignal.abort() })
    .catch((error: GossipError) => error.code)
  assert.is(aborted, 'GOSSIP_ABORTED')
})

driver('S3.21 a restart of the same name is a new generation with its new keys only', async (context) => {
  const [a, b] = await startPair(context)
  b.set('old', 1)
  await context.system.run(3 * SECOND)
  const { generation } = b
  await b.close()
  const again = context.make('b')
  again.set('new', 2)
  await again.start()
  await context.system.run(5 * SECOND)
  assert.ok(again.generation > generation)
  assert.equal([...a.entries('b')], [['new', 2]])
  assert.is(a.explain('b')?.generation, again.generation)
})

driver('a second process of one name ends with one of them stopped, its view frozen', async (context) => {
  const [a] = await startPair(context)
  const network = context.network
  const twin = new Gossipmonger(
    { id: 'b' },
    { transport: network.transport('b2'), system: context.system, seeds: ['a'] },
  )
  context.nodes.push(twin)
  const conflicts: string[] = []
  for (const node of [context.nodes[1], twin]) node?.on('conflict', (error) => conflicts.push(error.code))
  await twin.start()
  await context.system.run(60 * SECOND)
  assert.equal(conflicts, ['GOSSIP_ID_CONFLICT'])
  const stopped = [context.nodes[1] as Gossipmonger, twin].filter((node) => node.explain('b')?.status === 'conflict')
  assert.is(stopped.length, 1)
  assert.throws(
    () => stopped[0]?.set('k', 1),
    (error: GossipError) => error.code === 'GOSSIP_ID_CONFLICT',
  )
  assert.is(a.livePeers().length, 1)
})

driver('keys of the library and values that are no JSON are refused, and nothing is written', async (context) => {
  const a = context.make('a')
  for (const [key, value] of [
    ['$gossip/x', 1],
    ['', 1],
    ['k', undefined],
    ['k', 1n],
    ['k', new Date()],
    ['k', () => 1],
  ]) {
    assert.throws(
      () => a.set(key as string, value as never),
      (error: GossipError) => error.code === 'GOSSIP_VALUE_INVALID',
    )
  }
  assert.throws(
    () => a.set('k', 'x'.repeat(70_000)),
    (error: GossipError) => error.code === 'GOSSIP_VALUE_TOO_LARGE',
  )
  assert.is(a.entries('a').size, 0)
})

driver('S3.31 explain says why a silent peer is held dead', async (context) => {
  const [a, b] = await startPair(context)
  await context.system.run(30 * SECOND)
  await b.close()
  await context.system.run(40 * SECOND)
  const why = a.explain('b')
  assert.is(why?.status, 'dead')
  assert.ok((why?.phi ?? 0) > (why?.deadPeerPhi ?? 0))
  assert.ok((why?.silentMs ?? 0) > (why?.timeoutMs ?? 0))
  assert.is(a.explain('nobody'), undefined)
  assert.is(a.deadPeers().length, 1)
})

driver.run()
