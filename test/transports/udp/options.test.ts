import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type UdpOptions, UdpTransport } from '../../../src/transports/index.ts'

const options = suite('udp: options')

options('options that are wrong throw and say so', () => {
  const bad: unknown[] = [
    { packetBytesMax: 511 },
    { packetBytesMax: 65_508 },
    { port: -1 },
    { host: '' },
    { plainText: 1 },
  ]
  bad.push({ queueBytesMax: 100 }, { peersMax: 0 }, { speed: 1 }, 7, {
    plainText: true,
    keys: [{ key: randomBytes(32) }],
  })
  for (const options of bad) {
    assert.throws(
      () => new UdpTransport(options as UdpOptions),
      (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID',
    )
  }
})

options.run()
