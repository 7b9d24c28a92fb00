/** Somebody who receives where he says, and then does not keep to the protocol. */

import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BodyKind, bodyOf, readBody } from '../../../src/transports/udp/body.ts'
import { helloOf, Openings, type Stranger, until } from './loopback.ts'

const hostile = suite('udp: hostile peers')
const openings = new Openings()

hostile.after.each(() => openings.close())

/** A connection made by hand. */
interface Hand {
  readonly stranger: Stranger
  send(body: Buffer): Promise<void>
  /** What came back on it. */
  bodies(): (BodyKind | undefined)[]
}

async function connected(port: number): Promise<Hand> {
  const stranger = await openings.stranger()
  const token = randomBytes(8)
  await stranger.send(Buffer.concat([Buffer.of(0xd0), token, Buffer.alloc(16)]), port)
  await until('the challenge comes', () => stranger.packets.length === 1)
  const cookie = (stranger.packets[0] as Buffer).subarray(9)
  await stranger.send(Buffer.concat([Buffer.of(0xd2), token, cookie, randomBytes(16)]), port)
  await until('it is opened', () => stranger.packets.length === 2)
  const theirs = (stranger.packets[1] as Buffer).subarray(9, 17)
  let counter = 0
  return {
    stranger,
    send(body) {
      const number = Buffer.alloc(6)
      number.writeUIntBE(counter++, 0, 6)
      return stranger.send(Buffer.concat([Buffer.of(0xd5), theirs, number, body]), port)
    },
    bodies: () =>
      stranger.packets.filter(([first]) => first === 0xd5).map((packet) => readBody(packet.subarray(15))?.kind),
  }
}

function introduction(facts: object, number = 0): Buffer {
  return bodyOf('introduction', number, Buffer.of(0, 1), Buffer.from(JSON.stringify(facts)))
}

const SENDER = { id: 'mallory', transport: null }

hostile('a connection made by hand carries messages', async () => {
  const ear = await openings.ear('ear')
  const hand = await connected(ear.port)
  await hand.send(introduction({ sender: SENDER }))
  await hand.send(bodyOf('digest', 0, Buffer.from('["hi"]')))
  await until('it is heard', () => ear.heard.length === 1)
  assert.equal(ear.heard[0], { kind: 'digest', sender: SENDER, payload: ['hi'] })
})

hostile('who is refused and speaks on is not heard', async () => {
  const ear = await openings.ear('ear')
  const hand = await connected(ear.port)
  await hand.send(introduction({ sender: SENDER, hello: helloOf('mallory', { clusterId: 'another' }) }))
  await hand.send(bodyOf('digest', 0, Buffer.from('["hi"]')))
  await hand.send(bodyOf('ping'))
  await until('all of it was read', () => hand.bodies().includes('pong'))
  assert.ok(hand.bodies().includes('refused'))
  assert.equal([ear.heard, ear.codes], [[], ['GOSSIP_CLUSTER_FOREIGN']])
})

hostile('messages under a number that nobody introduced are not heard', async () => {
  const ear = await openings.ear('ear')
  const hand = await connected(ear.port)
  await hand.send(introduction({ sender: SENDER }, 3))
  await hand.send(bodyOf('digest', 4, Buffer.from('["hi"]')))
  await until('the introduction is asked for', () => hand.bodies().includes('wanted'))
  assert.equal(ear.heard, [])
})

hostile('what cannot be read costs the connection and nothing else', async () => {
  const bad = [
    bodyOf('digest', 0, Buffer.from('{"no json')),
    bodyOf('digest', 0, Buffer.from([0xff, 0xfe])),
    bodyOf('deltas', 0, Buffer.from(`${'['.repeat(101)}${']'.repeat(101)}`)),
    introduction({ sender: { id: '', transport: null } }, 1),
    introduction({ sender: SENDER, hello: helloOf('another') }, 1),
    introduction({ sender: { id: 'x', transport: JSON.parse('['.repeat(90) + ']'.repeat(90)) as object } }, 1),
    bodyOf('introduction', 1),
    Buffer.of(200, 0),
    Buffer.of(),
  ]
  const ear = await openings.ear('ear')
  for (const [i, body] of bad.entries()) {
    const hand = await connected(ear.port)
    await hand.send(introduction({ sender: SENDER }))
    await hand.send(body)
    await until(`${i} is counted`, () => ear.transport.stats.malformedPackets === i + 1)
    await hand.send(bodyOf('ping'))
    await until('the connection is unknown by now', () => hand.stranger.packets.at(-1)?.[0] === 0xd4)
  }
  assert.is(ear.transport.stats.connections, 0)
  assert.equal(ear.heard, [])
  assert.ok(ear.codes.every((code) => code === 'GOSSIP_MESSAGE_MALFORMED'))
})

hostile('many names on one connection are forgotten, oldest first', async () => {
  const ear = await openings.ear('ear')
  const hand = await connected(ear.port)
  for (let i = 0; i < 20; i++) await hand.send(introduction({ sender: { id: `name ${i}`, transport: null } }, i))
  for (const i of [11, 12, 19]) await hand.send(bodyOf('digest', i, Buffer.from(String(i))))
  await until('the last eight are known', () => ear.heard.length === 2)
  assert.equal(ear.payloads, [12, 19])
  await until('the others are asked for', () => hand.bodies().includes('wanted'))
})

hostile.run()
