import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GossipError } from '../../src/core/index.ts'
import { CIRCLE, distance, PROBES, placesOfMember, placesOfValue, RING_VALUE_BYTES_MAX } from '../../src/ring/places.ts'

const places = suite('ring: places')

/** Ten places of 48 bits, as the document on the protocol says, by another implementation of the hash. */
function cut(bytes: Buffer): number[] {
  const hash = createHash('sha512').update(bytes).digest()
  return Array.from({ length: 10 }, (_, index) => hash.readUIntBE(index * 6, 6))
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as GossipError).code
  }
  return 'nothing was thrown'
}

places('a member stands where SHA-512 of a 0, the number of the ten and its id says', () => {
  const ten = (number: number): number[] => cut(Buffer.concat([Buffer.from([0, 0, number]), Buffer.from('Ådä')]))
  assert.equal([...placesOfMember('Ådä', 23)], [...ten(0), ...ten(1), ...ten(2).slice(0, 3)])
})

places('a value stands where SHA-512 of a 1 and its bytes says', () => {
  assert.equal([...placesOfValue('a key')], cut(Buffer.from('\u0001a key')))
  assert.equal([...placesOfValue(new Uint8Array([255, 0]))], cut(Buffer.from([1, 255, 0])))
})

places('these never change: a cluster of several versions has to agree', () => {
  assert.equal(placesOfMember('ada', 128)[127], 103_766_238_588_857)
  assert.equal([...placesOfValue('a key')].slice(0, 2), [248_313_451_376_358, 129_526_089_131_681])
})

places('a text stands for its bytes', () => {
  assert.equal(placesOfValue('€'), placesOfValue(new Uint8Array([0xe2, 0x82, 0xac])))
})

places('a view into other bytes counts as what it shows', () => {
  const whole = new Uint8Array([9, 1, 2, 9])
  assert.equal(placesOfValue(whole.subarray(1, 3)), placesOfValue(new Uint8Array([1, 2])))
})

places('fewer places of a member are the first of more', () => {
  assert.equal(placesOfMember('ada', 7), placesOfMember('ada', 1_024).subarray(0, 7))
})

places('what is neither a text nor bytes is refused', () => {
  for (const value of [undefined, null, 7, true, ['a'], { key: 'a' }, new ArrayBuffer(2), new Uint16Array(2)]) {
    assert.is(
      codeOf(() => placesOfValue(value)),
      'GOSSIP_VALUE_INVALID',
      String(value),
    )
  }
})

places('a value may be as long as the limit, counted in bytes', () => {
  assert.is(placesOfValue('x'.repeat(RING_VALUE_BYTES_MAX)).length, PROBES)
  assert.is(placesOfValue(new Uint8Array(RING_VALUE_BYTES_MAX)).length, PROBES)
  for (const value of [
    'x'.repeat(RING_VALUE_BYTES_MAX + 1),
    'ä'.repeat(RING_VALUE_BYTES_MAX / 2 + 1),
    new Uint8Array(RING_VALUE_BYTES_MAX + 1),
  ]) {
    assert.is(
      codeOf(() => placesOfValue(value)),
      'GOSSIP_VALUE_INVALID',
    )
  }
})

places('distances go clockwise, and round', () => {
  assert.is(distance(5, 5), 0)
  assert.is(distance(5, 9), 4)
  assert.is(distance(9, 5), CIRCLE - 4)
  assert.is(distance(CIRCLE - 1, 0), 1)
})

places.run()
