import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type PeerRef, TransportError } from '../../../src/core/index.ts'
import { TcpTransport } from '../../../src/tcp/index.ts'
import { BridgeTransport, MemoryNetwork, TransportEmitter } from '../../../src/transports/index.ts'

const bridge = suite('bridge')
const local = { id: 'me', transport: null }

/** Takes what it is given, for peers whose address begins with its name. */
class Way extends TransportEmitter {
  readonly name: string
  readonly taken: PeerRef[] = []
  constructor(name: string) {
    super()
    this.name = name
  }
  canReach({ transport }: PeerRef): boolean {
    return Array.isArray(transport) && transport.includes(this.name)
  }
  digest(peer: PeerRef): void {
    this.taken.push(peer)
  }
  deltas(peer: PeerRef): void {
    this.taken.push(peer)
  }
  fail(peer: PeerRef): void {
    this.emit('error', new TransportError('GOSSIP_CONNECT_FAILED', 'nobody there', { peer, direction: 'outbound' }))
  }
}

bridge('the first transport that knows a way is taken, and after trouble the next, in a circle', () => {
  const ways = [new Way('a'), new Way('b')] as const
  const bridged = new BridgeTransport(ways)
  const peer = { id: 'p', transport: ['a', 'b'] }
  const other = { id: 'q', transport: ['b'] }
  bridged.on('error', () => {})
  bridged.digest(peer, local, [])
  bridged.digest(other, local, [])
  assert.equal(
    ways.map(({ taken }) => taken.length),
    [1, 1],
  )
  ways[0].fail(peer)
  ways[0].fail(peer) // A late report about the way that was left already.
  bridged.deltas(peer, local, [])
  assert.equal(
    ways.map(({ taken }) => taken.length),
    [1, 2],
  )
  ways[1].fail(peer)
  ways[1].fail(other)
  bridged.digest(peer, local, [])
  bridged.digest(other, local, [])
  assert.equal(
    ways.map(({ taken }) => taken.length),
    [2, 3],
  )
})

bridge('a peer that none of them reaches is an error with a code', () => {
  const bridged = new BridgeTransport([new Way('a')])
  const told: Error[] = []
  bridged.on('error', (error) => told.push(error))
  bridged.digest({ transport: ['elsewhere'] }, local, [])
  assert.equal(
    told.map((error) => (error as TransportError).code),
    ['GOSSIP_ADDRESS_MALFORMED'],
  )
  assert.is(bridged.canReach({ transport: ['elsewhere'] }), false)
})

bridge('it offers what at least one of them offers, within the smallest limit', () => {
  const small = new MemoryNetwork({ maxMessageBytes: 1_000 }).transport('small')
  const bridged = new BridgeTransport([new Way('a'), small, new TcpTransport()])
  assert.is(bridged.maxMessageBytes, 1_000)
  assert.type(bridged.listen, 'function')
  assert.type(bridged.rpc, 'function')
  assert.type(bridged.bulk, 'function')
  const plain = new BridgeTransport([new Way('a')])
  for (const name of ['listen', 'introduce', 'rpc', 'datagram', 'connect', 'bulk'] as const)
    assert.is(plain[name], undefined)
  assert.is(plain.maxMessageBytes, undefined)
})

bridge('what is no list of transports is refused', () => {
  for (const wrong of [[], [{}], 7, Array.from({ length: 10 }, () => new Way('a'))]) {
    assert.throws(
      () => new BridgeTransport(wrong as Way[]),
      (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID',
    )
  }
})

bridge('a node on two networks joins them to one cluster', async () => {
  const options = { gossipIntervalMs: 10 }
  const memory = new MemoryNetwork()
  const bridged = new BridgeTransport([new TcpTransport({ port: 0 }), memory.transport('room')])
  const middle = await new Gossipmonger({ id: 'middle' }, { ...options, transport: bridged }).start()
  const inside = new Gossipmonger({ id: 'inside' }, { ...options, transport: memory.transport('x'), seeds: ['room'] })
  const outside = new Gossipmonger(
    { id: 'outside' },
    { ...options, transport: new TcpTransport({ port: 0 }), seeds: [middle.address ?? ''] },
  )
  inside.set('color', 'red')
  outside.set('color', 'blue')
  const seen = Promise.all([seesBlue(inside), seesRed(outside)])
  await inside.start()
  await outside.start()
  await seen
  for (const node of [inside, outside, middle]) await node.close()
})

function seesBlue(node: Gossipmonger): Promise<void> {
  return new Promise((resolve) => node.on('update', (_peer, _key, value) => value === 'blue' && resolve()))
}

function seesRed(node: Gossipmonger): Promise<void> {
  return new Promise((resolve) => node.on('update', (_peer, _key, value) => value === 'red' && resolve()))
}

bridge.run()
