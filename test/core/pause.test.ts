/** A node can be told to be quiet, and nobody is blamed for it afterwards. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger } from '../../src/core/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

interface Context {
  system: VirtualSystem
  a: Gossipmonger
  b: Gossipmonger
}

const pausing = suite<Context>('pause')

pausing.before.each(async (context) => {
  const network = new MemoryNetwork()
  context.system = new VirtualSystem()
  const options = { system: context.system, seeds: ['a'] }
  context.a = await new Gossipmonger({ id: 'a' }, { ...options, transport: network.transport('a') }).start()
  context.b = await new Gossipmonger({ id: 'b' }, { ...options, transport: network.transport('b') }).start()
  await context.system.run(30_000)
})

pausing.after.each(async ({ a, b }) => {
  await a.close()
  await b.close()
})

pausing(
  'S3.13 S3.14 a paused node runs no rounds and answers nobody, and the others take it for dead',
  async (context) => {
    const { a, b, system } = context
    let sent = 0
    a.on('digest send', () => sent++)
    a.on('deltas send', () => sent++)
    a.pause()
    a.pause()
    const { rounds } = a.stats
    a.gossip()
    await system.run(120_000)
    assert.equal([a.isPaused, a.stats.rounds, sent], [true, rounds, 0])
    assert.is(b.peer('a')?.status, 'dead')
  },
)

pausing('keys are written and read in a pause, leases lapse, and all of it is known after it', async (context) => {
  const { a, b, system } = context
  a.pause()
  a.set('k', 1)
  a.set('short', 1, { ttlMs: 1_000 })
  b.set('news', 1)
  await system.run(60_000)
  assert.equal([a.get('a', 'k'), a.get('a', 'short'), a.get('b', 'news')], [1, undefined, undefined])
  assert.is(b.get('a', 'k'), undefined)
  a.resume()
  await system.run(10_000)
  assert.equal([a.get('b', 'news'), b.get('a', 'k'), b.peer('a')?.status], [1, 1, 'live'])
})

pausing('a node that goes on convicts nobody for its own pause, whatever lapsed meanwhile', async (context) => {
  const { a, system } = context
  const dead: string[] = []
  a.on('peer dead', ({ id }) => dead.push(id))
  for (let at = 1; at < 60; at++) a.set(`lease ${at}`, at, { ttlMs: at * 10_000 })
  a.pause()
  await system.run(600_000)
  a.resume()
  a.resume()
  await system.run(60_000)
  assert.equal([dead, a.peer('b')?.status, a.isPaused], [[], 'live', false])
})

pausing('after a pause a peer that is really gone is found out as soon as without one', async ({ a, b, system }) => {
  a.pause()
  await b.close()
  await system.run(600_000)
  a.resume()
  await system.run(60_000)
  assert.is(a.peer('b')?.status, 'dead')
})

pausing('a paused node that leaves says goodbye', async ({ a, b, system }) => {
  a.pause()
  await system.run(5_000)
  const closed = a.close({ leave: true })
  await system.run(2_000)
  await closed
  assert.is(b.peer('a')?.status, 'left')
})

pausing('only a started node can be paused', async ({ a, system }) => {
  const node = new Gossipmonger({ id: 'n' }, { system, transport: new MemoryNetwork().transport('n') })
  assert.throws(
    () => node.pause(),
    (error: { code: string }) => error.code === 'GOSSIP_NODE_NOT_STARTED',
  )
  await a.close()
  assert.throws(
    () => a.pause(),
    (error: { code: string }) => error.code === 'GOSSIP_NODE_CLOSED',
  )
  assert.throws(
    () => a.resume(),
    (error: { code: string }) => error.code === 'GOSSIP_NODE_CLOSED',
  )
})

pausing.run()
