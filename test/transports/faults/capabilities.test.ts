/** A faulty transport is a transport like the one inside: what it declares, what it tells, how it ends. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Hello, Transport } from '../../../src/core/index.ts'
import { TcpTransport } from '../../../src/tcp/index.ts'
import { MemoryNetwork, type MemoryTransport, TransportEmitter, withFaults } from '../../../src/transports/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { ann, ben, bench, counted } from './recorder.ts'

const capabilities = suite('faults: capabilities')

class Smallest extends TransportEmitter implements Transport {
  digest(): void {}
  deltas(): void {}
}

capabilities('the smallest transport stays the smallest', () => {
  const faulty = withFaults(new Smallest())
  assert.equal(Object.keys(faulty).sort(), ['deltas', 'digest', 'faults', 'off', 'on'])
  for (const name of ['address', 'maxMessageBytes', 'listen', 'close', 'introduce', 'rpc']) {
    assert.not(name in faulty, name)
  }
})

capabilities('each optional capability is there exactly when the inner transport has it', () => {
  const facts = { address: 'home', maxMessageBytes: 9, maxDatagramBytes: 5 }
  const all = {
    ...facts,
    listen() {},
    close() {},
    introduce() {},
    rpc() {},
    canReach() {},
    datagram() {},
    connect() {},
  }
  for (const [name, capability] of Object.entries(all)) {
    const faulty: Transport = withFaults(Object.assign(new Smallest(), { [name]: capability }))
    for (const other of Object.keys(all)) assert.is(other in faulty, other === name, `${name}: ${other}`)
  }
})

capabilities('address and limit are those of the inner transport, at every moment', async () => {
  const inner = new MemoryNetwork({ maxMessageBytes: 77 }).transport('home')
  const faulty = withFaults(inner)
  assert.is(faulty.maxMessageBytes, 77)
  assert.is(faulty.address, undefined)
  await faulty.listen()
  assert.is(faulty.address, 'home')
  await faulty.close()
  assert.is(faulty.address, undefined)
})

capabilities('whom the inner transport can reach is asked of it', () => {
  const inner = Object.assign(new Smallest(), { canReach: ({ id }: { id?: string | undefined }) => id === 'ann' })
  const faulty = withFaults(inner)
  assert.equal([faulty.canReach(ann), faulty.canReach(ben)], [true, false])
})

capabilities('sessions come from the inner transport, unless the partner is cut off', async () => {
  const network = new MemoryNetwork()
  const [a, b] = [withFaults(network.transport(ann.transport as string)), network.transport(ben.transport as string)]
  const hello = { protocolVersion: 1, clusterId: 'c', generation: 1, features: [], valueBytesMax: 1 }
  a.introduce({ ...hello, id: 'ann' })
  b.introduce({ ...hello, id: 'ben' })
  await Promise.all([a.listen(), b.listen()])
  const told: unknown[] = []
  a.on('session', (session) => told.push(session))
  a.faults.partition(ben.transport)
  const failure = await a.connect(ben).catch((error: unknown) => error)
  assert.is(Reflect.get(Object(failure), 'code'), 'GOSSIP_CONNECT_FAILED')
  a.faults.heal()
  const session = await a.connect(ben)
  assert.equal([session.remote.id, session.direction], ['ben', 'outbound'])
  await session.close()
  await b.connect(ann)
  assert.is(told.length, 1)
  await Promise.all([a.close(), b.close()])
})

capabilities('introductions reach the inner transport', () => {
  const heard: Hello[] = []
  const inner = Object.assign(new Smallest(), { introduce: (hello: Hello) => void heard.push(hello) })
  const hello = { protocolVersion: 1, clusterId: 'c', id: 'a', generation: 1, features: [], valueBytesMax: 1 }
  withFaults(inner).introduce(hello)
  assert.equal(heard, [hello])
})

capabilities('events come through, until a listener is taken off', () => {
  const { inner, faulty } = bench()
  const heard: unknown[] = []
  const onDigest = (_peer: unknown, digest: unknown): void => void heard.push(digest)
  faulty.on('digest', onDigest)
  inner.emitter.emit('digest', ben, 1)
  faulty.off('digest', onDigest)
  inner.emitter.emit('digest', ben, 2)
  assert.equal(heard, [1])
})

capabilities('errors of the inner transport and of the faults reach the same listener, once', () => {
  const { inner, faulty, errors, send } = bench({ delayMs: 10, heldMessagesMax: 1 })
  const more: Error[] = []
  const onError = (error: Error): void => void more.push(error)
  faulty.on('error', onError)
  inner.emitter.emit('error', new Error('mine'))
  send(2)
  faulty.off('error', onError)
  send(1)
  assert.equal(errors, [undefined, 'GOSSIP_QUEUE_FULL', 'GOSSIP_QUEUE_FULL'])
  assert.is(more.length, 2)
  assert.equal(Reflect.get(more[1] as Error, 'peer'), ben)
})

capabilities('callbacks of TCP come through', async () => {
  const faulty = withFaults(new TcpTransport({ host: '127.0.0.1', port: 0 }), { lossChance: 1 })
  const calls: string[] = []
  await faulty.listen({ host: '127.0.0.1', port: 0 }, () => calls.push('listening'))
  assert.is(typeof faulty.address, 'object')
  await faulty.close(() => calls.push('closed'))
  assert.equal(calls, ['listening', 'closed'])
})

capabilities('what the inner transport throws at once is thrown, later it is an error', async () => {
  const { inner, faulty, errors, system } = bench()
  inner.digest = () => {
    throw Object.assign(new Error('no'), { code: 'GOSSIP_VALUE_INVALID' })
  }
  assert.throws(() => faulty.digest(ben, ann, 1), 'no')
  faulty.faults.set({ delayMs: 5 })
  faulty.digest(ben, ann, 1)
  await system.run(5)
  assert.equal(errors, ['GOSSIP_VALUE_INVALID'])
})

capabilities('a payload that JSON cannot say is refused when it would have to wait, or to be damaged', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const options of [{ delayMs: 5 }, { corruptChance: 1 }]) {
    const { faulty, inner } = bench(options)
    assert.throws(
      () => faulty.digest(ben, ann, cycle as never),
      (error: Error) => Reflect.get(error, 'code') === 'GOSSIP_VALUE_INVALID' && error.cause instanceof TypeError,
    )
    assert.is(faulty.faults.stats.held + inner.recorded.length, 0)
  }
})

capabilities('messages beyond heldMessagesMax or heldBytesMax are dropped with an error', async () => {
  const few = bench({ delayMs: 5, heldMessagesMax: 3 })
  few.send(5)
  assert.equal(counted(few), { sent: 5, delayed: 3, dropped: 2, held: 3 })
  assert.equal(few.errors, ['GOSSIP_QUEUE_FULL', 'GOSSIP_QUEUE_FULL'])
  await few.system.run(5)
  few.send(1)
  assert.is(few.faulty.faults.stats.held, 1)

  const text =
    '{"kind":"digest","to":{"id":"ben","transport":"memory:2"},"from":{"id":"ann","transport":"memory:1"},"payload":"é"}'
  const small = bench({ delayMs: 5, heldBytesMax: Buffer.byteLength(text) })
  small.faulty.digest(ben, ann, 'éa')
  assert.is(small.faulty.faults.stats.held, 0)
  small.faulty.digest(ben, ann, 'é')
  assert.is(small.faulty.faults.stats.held, 1)
  small.faulty.digest(ben, ann, '')
  assert.equal(counted(small), { sent: 3, delayed: 1, dropped: 2, held: 1 })
  await small.system.run(5)
  small.faulty.digest(ben, ann, 'a')
  assert.is(small.faulty.faults.stats.held, 1, 'what has gone makes room')
})

capabilities(
  'close drops what waits and stops the timers; later messages are the inner transport’s affair',
  async () => {
    const system = new VirtualSystem()
    const network = new MemoryNetwork({ schedule: (deliver) => deliver() })
    const [inner, other] = [network.transport('memory:1'), network.transport('memory:2')]
    await other.listen()
    const heard: unknown[] = []
    other.on('digest', (_peer, digest) => heard.push(digest))
    const faulty = withFaults<MemoryTransport>(inner, { seed: 1, system, delayMs: 50, reorderChance: 0.5 })
    await faulty.listen()
    for (let i = 0; i < 9; i++) faulty.digest(ben, ann, i)
    await system.run(50)
    for (let i = 10; i < 19; i++) faulty.digest(ben, ann, i)
    const { held, passed } = faulty.faults.stats
    assert.ok(held > 9)
    await Promise.all([faulty.close(), faulty.close()])
    assert.is(system.pending, 0)
    assert.equal([faulty.faults.stats.held, faulty.faults.stats.dropped], [0, held])
    faulty.digest(ben, ann, 'late')
    assert.is(faulty.faults.stats.passed, passed + 1)
    await system.run(5_000)
    assert.is(heard.length, passed)
    assert.is(system.pending, 0)
    await faulty.listen()
    faulty.digest(ben, ann, 'again')
    assert.is(faulty.faults.stats.held, 1)
    await faulty.close()
  },
)

capabilities('timers of faults keep no process alive', () => {
  const faulty = withFaults(new Smallest(), { delayMs: 3_600_000 })
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  faulty.digest(ben, ann, 1)
  assert.is(faulty.faults.stats.held, 1)
  assert.is(timers(), before)
  faulty.faults.dropHeld()
})

capabilities.run()
