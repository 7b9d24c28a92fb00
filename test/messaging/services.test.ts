import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeRequest, encodeSend } from '../../src/messaging/message.ts'
import { encodePayload } from '../../src/messaging/payload.ts'
import { MemoryStorage } from '../../src/storage/index.ts'
import { failureOf, withCluster } from './cluster.ts'

const services = suite('services')

/** The code that a call throws. */
function codeThrown(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}

services(
  'S3.16 S5.28 C28 an open port is found by its name at every node, until it is closed',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const service = bob?.messenger.open(8_080, { name: 'web', mode: 'request' }, () => 1)
    bob?.messenger.open('logs', { mode: 'send' }, () => {})
    await cluster.settle()
    assert.equal(ada?.messenger.services({ name: 'web' }), [{ peer: 'bob', port: 8_080, name: 'web', mode: 'request' }])
    assert.equal(
      ada?.messenger.services().map(({ port }) => port),
      [8_080, 'logs'],
    )
    assert.equal(bob?.messenger.services({ peer: 'ada' }), [])
    assert.equal([...(ada?.node.entries('bob').keys() ?? [])], [], 'it is no key of the embedder’s')
    service?.close()
    service?.close()
    await cluster.settle()
    assert.equal(ada?.messenger.services({ name: 'web' }), [])
  }),
)

services(
  'S3.16 S5.28 a port is 1 to 65535 or a name, and open once',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada')
    const open = (port: number | string): string | undefined =>
      codeThrown(() => ada?.messenger.open(port, { mode: 'send' }, () => {}))
    assert.equal([0, 65_536, 1.5, '', '80', 80, 80].map(open), [
      'GOSSIP_OPTION_INVALID',
      'GOSSIP_OPTION_INVALID',
      'GOSSIP_OPTION_INVALID',
      'GOSSIP_OPTION_INVALID',
      'GOSSIP_OPTION_INVALID',
      undefined,
      'GOSSIP_PORT_TAKEN',
    ])
    assert.is(
      codeThrown(() => ada?.messenger.open(1, { mode: 'both' as 'send' }, () => {})),
      'GOSSIP_OPTION_INVALID',
    )
  }),
)

services(
  'S3.17 S3.18 S3.20 a client sends or requests as the mode of the service says',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const seen: unknown[] = []
    bob?.messenger.open(1, { mode: 'send' }, (payload) => void seen.push(payload))
    bob?.messenger.open(2, { name: 'double', mode: 'request' }, (payload) => 2 * (payload as number))
    const sender = await ada?.messenger.connect('bob', 1)
    const asker = await ada?.messenger.connect('bob', 2, { timeoutMs: 1_000 })
    assert.equal([asker?.name, asker?.mode, asker?.port], ['double', 'request', 2])
    await sender?.send('x')
    assert.is(await asker?.request(21), 42)
    assert.equal(seen, ['x'])
    assert.is((await failureOf(sender?.request(1) as Promise<unknown>)).code, 'GOSSIP_SERVICE_MODE')
    assert.is((await failureOf(asker?.send(1) as Promise<unknown>)).code, 'GOSSIP_SERVICE_MODE')
    assert.is((await failureOf(ada?.messenger.connect('bob', 3) as Promise<unknown>)).code, 'GOSSIP_PORT_CLOSED')
    assert.is(await (await bob?.messenger.connect('bob', 2))?.request(4), 8, 'one may connect to oneself')
  }),
)

services(
  'S3.18 modes are enforced where the service is, whatever the other side believes',
  withCluster(async (cluster) => {
    const [eve, bob] = await cluster.start('eve', 'bob')
    let calls = 0
    bob?.messenger.open(1, { mode: 'send' }, () => void calls++)
    bob?.messenger.open(2, { mode: 'request' }, () => void calls++)
    await eve?.messenger.close()
    const session = await eve?.transport.connect({ id: 'bob', transport: 'bob' })
    const answers: string[] = []
    session?.on('frame', (frame) => answers.push(new TextDecoder('latin1').decode(frame)))
    session?.send(encodeRequest(1, { space: 'service', name: '1' }, encodePayload(null)))
    session?.send(encodeSend({ space: 'service', name: '2' }, encodePayload(null)))
    session?.send(encodeSend({ space: 'service', name: '3' }, encodePayload(null)))
    await cluster.system.run(10)
    assert.is(calls, 0)
    assert.match(answers[0] ?? '', /GOSSIP_SERVICE_MODE/)
    assert.equal(
      bob?.errors.map(({ code }) => code),
      ['GOSSIP_SERVICE_MODE', 'GOSSIP_PORT_CLOSED'],
    )
  }),
)

services(
  'S3.19 an unreliable service is sent to in datagrams, and on the session only with leave',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const ways: string[] = []
    bob?.messenger.open(3, { mode: 'unreliable' }, (_, { way }) => void ways.push(way))
    const strict = await ada?.messenger.connect('bob', 3)
    assert.is((await failureOf(strict?.send(1) as Promise<unknown>)).code, 'GOSSIP_DATAGRAMS_UNSUPPORTED')
    const lenient = await ada?.messenger.connect('bob', 3, { fallback: 'reliable' })
    await lenient?.send(1)
    await cluster.system.run(1)
    assert.equal(ways, ['send'])
  }),
)

services(
  'S3.30 what opens and closes is told, with the life of its node',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.open(1, { name: 'web', mode: 'request' }, () => 1)
    await cluster.settle()
    const seen: string[] = []
    const reading = (async () => {
      for await (const change of ada?.messenger.watchServices({ name: 'web' }) ?? []) {
        const { type } = change
        seen.push(type === 'synced' ? type : `${type} ${change.service.peer} ${change.service.port}`)
      }
    })()
    await cluster.system.run(1)
    const second = bob?.messenger.open(2, { name: 'web', mode: 'request' }, () => 1)
    bob?.messenger.open(3, { name: 'other', mode: 'request' }, () => 1)
    const own = ada?.messenger.open(9, { name: 'web', mode: 'send' }, () => {})
    await cluster.settle()
    second?.close()
    own?.close()
    await cluster.settle()
    if (bob !== undefined) await cluster.crash(bob)
    await cluster.system.run(60_000)
    assert.equal(ada?.messenger.services({ name: 'web' }), [])
    await cluster.close()
    await reading
    assert.equal(
      [...seen.slice(0, 2), ...seen.slice(2, 4).sort(), ...seen.slice(4, 6).sort(), ...seen.slice(6)],
      ['open bob 1', 'synced', 'open ada 9', 'open bob 2', 'close ada 9', 'close bob 2', 'close bob 1'],
    )
  }),
)

services(
  'what a former life had open is not brought back by its storage',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada')
    const storage = new MemoryStorage()
    const bob = await cluster.add('bob', { storage })
    bob.messenger.open(1, { mode: 'request' }, () => 1)
    await bob.node.flushed()
    await cluster.settle()
    assert.is(ada?.messenger.services().length, 1)
    await cluster.crash(bob)
    await cluster.add('bob', { storage })
    await cluster.settle()
    assert.equal(ada?.messenger.services(), [])
  }),
)

services.run()
