import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FrameSplitter } from '../../../src/transports/relay/frame-splitter.ts'
import { checkProperty } from '../../harness/property.ts'

const splitter = suite('relay frame splitter')

splitter('frames come out whole and in order, however their bytes are cut', () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 })
  const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 30 }))
  checkProperty(
    fc.property(bodies, cuts, (sent, sizes) => {
      const bytes = new Uint8Array(sent.flatMap((body) => [0, 0, 0, body.length, ...body]))
      const frames = new FrameSplitter(40)
      const came: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        const { value: size } = sizes.next()
        frames.push(bytes.slice(at, at + size))
        at += size
        for (let body = frames.next(); body !== undefined; body = frames.next()) came.push(body.slice())
      }
      assert.equal(came, sent)
      assert.is(frames.heldBytes, 0)
    }),
  )
})

splitter('a length of 0, and one over the limit, are malformed before the body comes', () => {
  for (const length of [0, 41, 0xffff]) {
    const frames = new FrameSplitter(40)
    frames.push(Uint8Array.of(0, 0, length >> 8, length & 0xff))
    assert.throws(
      () => frames.next(),
      (error: { code?: string }) => error.code === 'GOSSIP_RELAY_MALFORMED',
    )
  }
})

splitter.run()
