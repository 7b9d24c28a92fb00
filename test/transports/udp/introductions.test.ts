import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MalformedMessageError } from '../../../src/core/index.ts'
import { bodyOf, readBody } from '../../../src/transports/udp/body.ts'
import { IncomingIntroductions } from '../../../src/transports/udp/incoming-introductions.ts'
import { Introductions } from '../../../src/transports/udp/introduction.ts'
import { OutgoingIntroductions } from '../../../src/transports/udp/outgoing-introductions.ts'
import { checkProperty } from '../../harness/property.ts'

const saying = suite('udp: introductions')

const SENDER = { id: 'ada', transport: { url: 'udp://h:1' } }

saying('an introduction is whole when its parts are there, in any order, repeated or not', () => {
  checkProperty(
    fc.property(fc.array(fc.nat(20), { maxLength: 40 }), fc.integer({ min: 420, max: 2_000 }), (order, room) => {
      const fragments: Buffer[] = []
      const introduction = new Introductions().of({ id: 'x'.repeat(256), transport: 'y'.repeat(1_000) }, undefined)
      new OutgoingIntroductions(room, (body) => fragments.push(body)).say(introduction, 0)
      let judged = 0
      const incoming = new IncomingIntroductions(() => ++judged > 0)
      const shuffled = [...order.map((i) => fragments[i % fragments.length] as Buffer), ...fragments, ...fragments]
      const takes = shuffled.map((fragment) => {
        const { number, rest } = readBody(fragment) as { number: number; rest: Buffer }
        return incoming.take(number, rest)
      })
      assert.is(judged, 1)
      assert.equal(takes.at(-1), { sender: introduction.sender, isAccepted: true })
    }),
  )
})

saying('what is no part of an introduction, or too much of it, is malformed', () => {
  const bad = [[], [0, 0], [0, 0, 1], [1, 1, 1], [0, 17, 1], [0, 1, 1], [0, 1, ...Buffer.from('{"sender":{}}')]]
  for (const rest of bad) {
    assert.throws(
      () => new IncomingIntroductions(() => true).take(0, Buffer.from(rest)),
      (error: Error) => error instanceof MalformedMessageError,
    )
  }
  const incoming = new IncomingIntroductions(() => true)
  const part = (i: number): Buffer => Buffer.concat([Buffer.of(i, 3), Buffer.alloc(4_000)])
  incoming.take(0, part(0))
  assert.throws(() => incoming.take(0, part(1)), /over 6708 bytes/)
})

saying('an introduction is said again until it is answered, ever more seldom', () => {
  const sent: Buffer[] = []
  const introductions = new OutgoingIntroductions(1_000, (body) => sent.push(body))
  const introduction = new Introductions().of(SENDER, undefined)
  introductions.say(introduction, 0)
  for (let nowMs = 0; nowMs <= 3_000; nowMs += 25) assert.ok(introductions.poll(nowMs, 5_000))
  assert.is(sent.length, 5) // At 0, 100, 300, 700 and 1,500 ms.
  assert.not(introductions.poll(5_001, 5_000))
  assert.ok(introductions.settle(0, 'accepted'))
  assert.not(introductions.settle(0, 'accepted'))
  assert.ok(introductions.poll(9_000, 5_000))
  introductions.forget(0)
  assert.is(introductions.stateOf(introduction), 'absent')
})

saying('a body of an unknown kind is none', () => {
  assert.equal(readBody(bodyOf('ping')), { kind: 'ping', number: 0, rest: Buffer.alloc(0) })
  for (const bytes of [[], [0], [9, 0], [255, 0]]) assert.is(readBody(Buffer.from(bytes)), undefined)
})

saying.run()
