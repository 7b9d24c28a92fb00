import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HandshakeSeal } from '../../../src/transports/udp/handshake-seal.ts'
import { KeyRing } from '../../../src/transports/udp/key-ring.ts'

const handshakeSeal = suite('udp: handshake seal')

handshakeSeal('two processes with one key never seal alike', () => {
  const ring = new KeyRing([{ key: randomBytes(32) }])
  const seals = [new HandshakeSeal(ring), new HandshakeSeal(ring)]
  const packets = seals.flatMap((seal) => [1, 2, 3].map(() => seal.seal('ask', Buffer.alloc(24))))
  // First byte and fingerprint are the same; salt and number, and so the nonce under each derived key, are not.
  assert.is(new Set(packets.map((packet) => packet.subarray(5, 27).toString('hex'))).size, 6)
  for (const packet of packets) assert.equal(seals[0]?.open(packet)?.body, Buffer.alloc(24))
})

handshakeSeal.run()
