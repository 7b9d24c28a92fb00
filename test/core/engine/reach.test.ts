import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type PeerRef } from '../../../src/core/index.ts'
import { MemoryNetwork } from '../../../src/transports/index.ts'

const reach = suite('reach')

reach('a round goes to peers that the transport knows a way to, and to nobody else', async () => {
  const waiting: (() => void)[] = []
  const network = new MemoryNetwork({ schedule: (deliver) => void waiting.push(deliver) })
  const asked: (string | undefined)[] = []
  const transport = Object.assign(network.transport('a'), {
    canReach: ({ id }: PeerRef): boolean => id !== 'browser',
  })
  const node = new Gossipmonger({ id: 'a' }, { transport, gossipIntervalMs: 3_600_000 })
  node.on('digest send', ({ id }) => asked.push(id))
  await node.start()
  const others = ['browser', 'server'].map((id) => {
    const seeds = [{ transport: 'a' }]
    return new Gossipmonger({ id }, { transport: network.transport(id), gossipIntervalMs: 3_600_000, seeds })
  })
  for (const other of others) {
    await other.start()
    other.gossip()
  }
  for (let deliver = waiting.shift(); deliver !== undefined; deliver = waiting.shift()) deliver()
  assert.equal(
    node
      .peers()
      .map(({ id }) => id)
      .sort(),
    ['browser', 'server'],
  )
  asked.length = 0
  for (let round = 0; round < 50; round++) node.gossip()
  assert.ok(asked.length >= 50)
  assert.equal([...new Set(asked)], ['server'])
  for (const each of [node, ...others]) await each.close()
})

reach.run()
