/** Where a transport listens, whom it reaches from there, and what never leaves the machine unasked. */

import { networkInterfaces } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { UdpTransport } from '../../../src/transports/index.ts'
import { leaveOut } from '../../harness/left-out.ts'
import { Ear, Openings, until } from './loopback.ts'

const listening = suite('udp: listening')
const openings = new Openings()

listening.after.each(() => openings.close())

const hasSix = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'))

/** Adds a test that takes IPv6 on the loopback interface. */
function withSix(name: string, test: () => Promise<void>): void {
  if (hasSix) listening(name, test)
  else leaveOut(listening, name, 'this machine has no ::1')
}

/** Sends to a host's address until it is heard. */
async function assertReaches(from: Ear, to: Ear, host: string): Promise<void> {
  const text = `${from.id} at ${host}`
  const self = { id: from.id, transport: from.transport.address ?? null }
  const url = `udp://${host}:${to.port}`
  const send = (): void => from.transport.digest({ transport: { url } }, self, text)
  send()
  await until(`${text} is heard`, () => to.payloads.includes(text), send)
}

/** What `listen` fails with. */
async function refusal(transport: UdpTransport, options?: { host?: string; port?: number }): Promise<string> {
  try {
    await transport.listen(options)
    return 'it listens'
  } catch (error) {
    return (error as { code: string }).code
  }
}

listening('a name stands for all its addresses: localhost is found whichever is bound', async () => {
  const [named, ip] = [await openings.ear('named', { host: 'localhost' }), await openings.ear('ip')]
  assert.equal(named.transport.address, { url: `udp://localhost:${named.port}` })
  await assertReaches(ip, named, 'localhost')
  await assertReaches(named, ip, 'localhost')
})

withSix('a listener of one family dials the other', async () => {
  const [six, four] = [await openings.ear('six', { host: '::1' }), await openings.ear('four')]
  assert.equal(six.transport.address, { url: `udp://[::1]:${six.port}` })
  await assertReaches(four, six, '[::1]')
  await assertReaches(six, four, '127.0.0.1')
})

withSix('a listener at :: hears both families, and answers each from there', async () => {
  const dual = await openings.ear('dual', { host: '::', plainText: true })
  const [six, four] = [await openings.ear('six', { host: '::1' }), await openings.ear('four')]
  await assertReaches(six, dual, '[::1]')
  await assertReaches(four, dual, '127.0.0.1')
  await assertReaches(dual, six, '[::1]')
  await assertReaches(dual, four, '127.0.0.1')
  // One connection each: the answers went on those that were there.
  assert.is(dual.transport.stats.connections, 2)
})

listening('a transport that does not listen may dial, and is answered on the way it came', async () => {
  const mute = new Ear('mute')
  openings.add(mute.transport)
  const ear = await openings.ear('ear')
  await assertReaches(mute, ear, '127.0.0.1')
  assert.is(mute.transport.address, undefined)
  assert.equal(
    mute.hellos.map(({ id }) => id),
    ['ear'],
  )
})

listening('the advertised address may differ from the one that is bound', async () => {
  const ear = new Ear('ear', { host: 'node.example', port: 4_000 })
  openings.add(ear.transport)
  await ear.transport.listen({ host: '127.0.0.1', port: 0 })
  assert.equal(ear.transport.address, { url: 'udp://node.example:4000' })
})

listening('plain packets stay on this machine unless somebody says otherwise', async () => {
  const plain = openings.add(new UdpTransport({ host: '0.0.0.0', port: 0 }))
  assert.is(await refusal(plain), 'GOSSIP_OPTION_INVALID')
  assert.equal(plain.address, undefined)
  assert.is(await refusal(openings.add(new UdpTransport({ host: '0.0.0.0', port: 0, plainText: true }))), 'it listens')
  const keys = [{ key: 'ab'.repeat(32) }]
  assert.is(await refusal(openings.add(new UdpTransport({ host: '0.0.0.0', port: 0, keys }))), 'it listens')
  const home = await openings.ear('home')
  const peer = { id: 'far', transport: 'udp://192.0.2.1:9742' as JsonValue }
  home.transport.digest(peer, { id: 'home', transport: null }, [])
  await until('it is told', () => home.codes.length > 0)
  assert.equal(home.codes, ['GOSSIP_PLAIN_TEXT_REFUSED'])
  assert.equal((home.errors[0] as { peer?: unknown }).peer, peer)
  assert.is(home.transport.stats.sentPackets, 0)
})

listening('an address in use, or of nobody, is a coded error, and another may be tried', async () => {
  const first = await openings.ear('first')
  const second = openings.add(new UdpTransport({ host: '127.0.0.1', port: first.port }))
  assert.is(await refusal(second), 'GOSSIP_ADDRESS_IN_USE')
  assert.is(await refusal(second, { host: 'no-such-host.invalid' }), 'GOSSIP_LISTEN_FAILED')
  assert.is(await refusal(second, { host: '127.0.0.1', port: 0 }), 'it listens')
  assert.is(await refusal(second, { host: '127.0.0.1', port: 0 }), 'GOSSIP_ALREADY_LISTENING')
  assert.is(await refusal(second), 'it listens')
  await second.close()
  assert.is(await refusal(second), 'GOSSIP_NODE_CLOSED')
})

listening('closing while it looks for its address leaves nothing open', async () => {
  const transport = new UdpTransport({ host: 'localhost', port: 0 })
  const opening = refusal(transport)
  await transport.close()
  assert.is.not(await opening, 'it listens')
  assert.is(transport.address, undefined)
})

listening('a datagram of a transport that is nobody is told of', async () => {
  const transport = openings.add(new UdpTransport({ host: '127.0.0.1', port: 0 }))
  const codes: unknown[] = []
  transport.on('error', (error) => codes.push((error as { code?: unknown }).code))
  transport.datagram({ transport: 'udp://127.0.0.1:1' }, new Uint8Array(1))
  assert.equal(codes, ['GOSSIP_NODE_NOT_STARTED'])
})

listening.run()
