/** What could go wrong around the driver: early messages, sync transports, throwing code, clocks that jump. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type GossipError,
  Gossipmonger,
  type GossipmongerOptions,
  type PeerRef,
  type Transport,
} from '../../src/core/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

interface Context {
  network: MemoryNetwork
  system: VirtualSystem
  nodes: Gossipmonger[]
  make(id: string, options?: Partial<GossipmongerOptions>): Gossipmonger
}

const SECOND = 1_000

const hazards = suite<Context>('gossipmonger hazards')

hazards.before.each((context) => {
  context.network = new MemoryNetwork()
  context.system = new VirtualSystem()
  context.nodes = []
  context.make = (id, options = {}) => {
    const { network, system } = context
    const node = new Gossipmonger({ id }, { transport: network.transport(id), system, seeds: ['a'], ...options })
    context.nodes.push(node)
    return node
  }
})

hazards.after.each(async ({ nodes }) => {
  for (const node of nodes) await node.close()
})

function codesOf(node: Gossipmonger): string[] {
  const codes: string[] = []
  node.on('error', (error) => codes.push((error as GossipError).code))
  return codes
}

hazards('a lease that lapsed before the start does not keep the node from gossiping', async ({ make, system }) => {
  const a = make('a')
  a.set('brief', 1, { ttlMs: 10 })
  await system.run(SECOND)
  await a.start()
  const b = await make('b').start()
  a.set('k', 1)
  await system.run(5 * SECOND)
  assert.is(b.get('a', 'k'), 1)
  assert.is(b.get('a', 'brief'), undefined)
})

hazards('a lease that lapses at the very moment of the start does not either', async ({ make, system }) => {
  const a = make('a')
  a.set('brief', 1, { ttlMs: SECOND })
  await system.run(SECOND)
  await a.start()
  assert.is(system.pending, 1)
})

hazards('digests that arrive while the node is starting are left unanswered', async ({ make, network, system }) => {
  const inner = network.transport('b')
  let open = (): void => {}
  const isOpen = new Promise<void>((resolve) => {
    open = resolve
  })
  const slow: Transport = {
    digest: (remote, local, digest) => inner.digest(remote, local, digest),
    deltas: (remote, local, deltas) => inner.deltas(remote, local, deltas),
    on: (event, listener) => inner.on(event, listener),
    off: (event, listener) => inner.off(event, listener),
    listen: () => inner.listen().then(() => isOpen),
    close: () => inner.close(),
  }
  const b = make('b', { transport: slow })
  b.set('x', 1)
  b.delete('x')
  let heard = 0
  let said = 0
  b.on('digest receive', () => heard++)
  b.on('digest send', () => said++)
  const starting = b.start()
  const a = await make('a', { seeds: ['b'] }).start()
  await system.run(3 * SECOND)
  assert.ok(heard > 0)
  assert.is(said, 0)
  open()
  await starting
  b.set('y', 1)
  await system.run(5 * SECOND)
  assert.equal([...a.entries('b')], [['y', 1]])
})

hazards('a transport that delivers within the call that sends is no harm', async ({ system }) => {
  const network = new MemoryNetwork({ schedule: (deliver) => deliver() })
  const options = { system, seeds: ['a'] }
  const nodes = ['a', 'b', 'c'].map((id) => new Gossipmonger({ id }, { ...options, transport: network.transport(id) }))
  for (const node of nodes) node.set('k', node.id)
  for (const node of nodes) await node.start()
  await system.run(4 * SECOND)
  for (const node of nodes) for (const { id } of nodes) assert.is(node.get(id, 'k'), id)
  for (const node of nodes) await node.close()
})

hazards('a transport that throws is counted and told, and tried again', async ({ make, system }) => {
  let calls = 0
  const broken: Transport = {
    digest() {
      calls++
      throw new Error('no cable')
    },
    deltas() {},
    on() {},
    off() {},
  }
  const node = make('x', { transport: broken, seeds: ['a'] })
  const messages: string[] = []
  node.on('error', (error) => messages.push(error.message))
  await node.start()
  await system.run(5 * SECOND)
  assert.ok(calls >= 4, `${calls} calls`)
  assert.is(messages.length, calls)
  assert.is(messages[0], 'no cable')
})

hazards('a listener that closes the node is obeyed at once', async ({ make, system }) => {
  const a = await make('a').start()
  const b = await make('b').start()
  let heard = 0
  b.on('update', () => {
    heard++
    void b.close()
  })
  await system.run(3 * SECOND)
  a.set('k', 1)
  a.set('l', 1)
  await system.run(5 * SECOND)
  assert.ok(heard >= 1)
  assert.throws(
    () => b.set('x', 1),
    (error: GossipError) => error.code === 'GOSSIP_NODE_CLOSED',
  )
})

hazards('a listener that rejects is told as one that throws', async ({ make, system }) => {
  const a = await make('a').start()
  const b = await make('b').start()
  const codes = codesOf(b)
  const listener: (...told: unknown[]) => unknown = () => Promise.reject(new Error('later'))
  b.on('update', listener)
  a.set('k', 1)
  await system.run(5 * SECOND)
  assert.equal(codes, ['GOSSIP_LISTENER_THREW'])
})

hazards('a listener that was taken off hears nothing more', async ({ make, system }) => {
  const a = await make('a').start()
  const b = await make('b').start()
  const heard: string[] = []
  const listener = (_peer: string, key: string): void => void heard.push(key)
  b.on('update', listener)
  b.once('update', (_peer, key) => heard.push(`once ${key}`))
  a.set('k', 1)
  await system.run(5 * SECOND)
  b.off('update', listener)
  a.set('l', 1)
  await system.run(5 * SECOND)
  assert.equal(heard.sort(), ['k', 'once k'])
})

hazards('a node closed while it starts does not come to life', async ({ make, system }) => {
  const a = make('a')
  const starting = a.start().catch((error: GossipError) => error.code)
  const closing = a.close()
  assert.is(await starting, 'GOSSIP_NODE_CLOSED')
  await closing
  await system.run(3 * SECOND)
  assert.is(system.pending, 0)
  await make('a').start()
})

hazards('a transport that listened before is left open', async ({ make, network }) => {
  const transport = network.transport('a')
  await transport.listen()
  const a = await make('a', { transport }).start()
  await a.close()
  assert.is(transport.address, 'a')
  await transport.close()
})

hazards('an address in use fails the start and leaves nothing behind', async ({ make, system }) => {
  await make('a').start()
  const second = make('a')
  const code = await second.start().catch((error: GossipError) => error.code)
  assert.is(code, 'GOSSIP_ADDRESS_IN_USE')
  assert.is(system.pending, 1, 'the timer of the first one')
})

hazards('a wall clock that jumps by years changes nothing', async (context) => {
  const { system } = context
  let jumpMs = 0
  const clock = {
    now: () => system.now(),
    random: () => system.random(),
    startTimer: (callback: () => void, delayMs: number) => system.startTimer(callback, delayMs),
    wallClockMs: () => 1_700_000_000_000 + jumpMs,
  }
  const a = await context.make('a', { system: clock }).start()
  const b = await context.make('b', { system: clock }).start()
  const told: string[] = []
  for (const node of [a, b]) node.on('peer dead', ({ id }) => told.push(id))
  b.set('lease', 1, { ttlMs: 20 * SECOND })
  await system.run(5 * SECOND)
  jumpMs = 31_536_000_000
  await system.run(5 * SECOND)
  jumpMs = -31_536_000_000
  await system.run(5 * SECOND)
  assert.equal(told, [])
  assert.is(a.get('b', 'lease'), 1)
  await system.run(6 * SECOND)
  assert.is(a.get('b', 'lease'), undefined)
})

hazards('two lives that begin in one millisecond have different generations', async ({ make }) => {
  const generations = Array.from({ length: 40 }, () => make('a').generation)
  assert.ok(new Set(generations).size > 35)
  const wallClock = 1_700_000_000_000 * 1_024
  assert.ok(generations.every((generation) => generation > wallClock && generation <= wallClock + 1_024))
})

hazards(
  'S2.27 every digest and every delta is told when it is sent and when it is received',
  async ({ make, system }) => {
    const a = await make('a').start()
    const b = make('b')
    const told = new Set<string>()
    const note = (what: string) => (peer: PeerRef) => void told.add(`${what} ${String(peer.transport)}`)
    for (const event of ['digest send', 'digest receive', 'deltas send', 'deltas receive'] as const)
      b.on(event, note(event))
    await b.start()
    a.set('k', 1)
    b.set('k', 1)
    await system.run(4 * SECOND)
    assert.equal([...told].sort(), ['deltas receive a', 'deltas send a', 'digest receive a', 'digest send a'])
  },
)

hazards('a foreign cluster is refused by the hello or by the digest, never merged', async ({ make, system }) => {
  const a = await make('a').start()
  const foreign = await make('b', { clusterId: 'other' }).start()
  foreign.set('k', 1)
  await system.run(5 * SECOND)
  assert.equal([a.peers(), foreign.peers()], [[], []])
  assert.ok(a.stats.errors + foreign.stats.errors > 0)
})

hazards('a watch whose signal was aborted before it began is over and costs nothing', async ({ make }) => {
  const a = await make('a').start()
  const watch = a.watch({ signal: AbortSignal.abort() })
  a.set('k', 1)
  assert.is((await watch.next()).done, true)
})

hazards.run()
