/** Plain text stays on this machine unless it is asked for. */

import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIP } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TcpTransport } from '../../src/tcp/index.ts'
import { isLoopbackHost } from '../../src/transports/index.ts'
import { Fixture } from './fixture.ts'

const plainText = suite('tcp: plain text')
const fixture = new Fixture()
plainText.after.each(() => fixture.closeAll())

/** Answers for the system's resolver while it is in place. */
class FakeNames {
  readonly #lookup = dns.lookup

  constructor(addresses: Readonly<Record<string, readonly string[]>>) {
    const lookup = (host: string, _: unknown, callback: (error: null, found: dns.LookupAddress[]) => void): void => {
      const found = (addresses[host] ?? []).map((address) => ({ address, family: isIP(address) }))
      process.nextTick(callback, null, found)
    }
    this.#put(lookup as unknown as typeof dns.lookup)
  }

  restore(): void {
    this.#put(this.#lookup)
  }

  #put(lookup: typeof dns.lookup): void {
    dns.lookup = lookup
    syncBuiltinESMExports()
  }
}

plainText('hosts of this machine are told from others', () => {
  for (const host of [
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '[::1]',
    'localhost',
    'LOCALHOST',
    '::ffff:127.0.0.1',
    '0:0:0:0:0:0:0:1',
  ]) {
    assert.is(isLoopbackHost(host), true, host)
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::2',
    '::ffff:10.0.0.1',
    'localhost.example',
    'example.net',
    '127.0.0.1.nip.io',
    '',
  ]) {
    assert.is(isLoopbackHost(host), false, host)
  }
})

plainText('S4.3 another host is refused, with both ways out, and allowed when asked for', () => {
  for (const host of ['10.0.0.1', '0.0.0.0', '::', 'example.net']) {
    const rule = /host must be this machine alone .* unless tls: \{ ca, cert, key \} is given, or plainText: true/
    assert.throws(() => new TcpTransport({ host }), rule)
    const transport = fixture.keep(new TcpTransport())
    assert.throws(() => transport.listen({ host }), rule)
    fixture.keep(new TcpTransport({ host, plainText: true }))
  }
})

plainText('another machine is not dialled', async () => {
  const ada = await fixture.node('ada')
  for (const [i, transport] of [{ host: '192.0.2.1', port: 9 }, '192.0.2.1:9', '[2001:db8::1]:9'].entries()) {
    ada.transport.digest({ id: 'b', transport }, ada.ref, ['secret'])
    await ada.told.until(() => ada.told.errors.length > i, 'the refusal')
    const error = ada.told.errors[i]
    assert.is(error?.code, 'GOSSIP_PLAIN_TEXT_REFUSED')
    assert.is(error?.direction, 'outbound')
    assert.match(error?.message ?? '', /is another machine, and this transport speaks plain text: give it tls/)
  }
})

plainText('a name that leads to another machine is not dialled, one that leads here is', async () => {
  const [ada, bob] = [await fixture.node('ada'), await fixture.node('bob')]
  const lookup = new FakeNames({
    'elsewhere.test': ['192.0.2.1', '2001:db8::1'],
    'mixed.test': ['192.0.2.1', '127.0.0.1'],
  })
  try {
    ada.transport.digest({ transport: { host: 'elsewhere.test', port: bob.port } }, ada.ref, ['secret'])
    const error = await ada.told.error('GOSSIP_PLAIN_TEXT_REFUSED')
    assert.match(error.message, /elsewhere\.test \(192\.0\.2\.1, 2001:db8::1\) is another machine/)
    ada.transport.digest({ transport: { host: 'mixed.test', port: bob.port } }, ada.ref, ['here'])
    assert.equal((await bob.told.heard('digest'))[1], ['here'])
  } finally {
    lookup.restore()
  }
})

plainText.run()
