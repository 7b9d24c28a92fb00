import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidValueError, type JsonValue, MalformedMessageError } from '../../../src/core/index.ts'
import {
  decodePackage,
  encodePackage,
  TRUST_PACKAGE_TYPES,
  type TrustPackageKind,
} from '../../../src/transports/index.ts'
import { jsonText, jsonValue, throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const packages = suite('trust package')

const PING = { kind: 'heartbeatPing', event: 'ping', body: {} } as const
const PING_TAG = 'ZGr3JBjmB2Gj3jL80TBTvTXTriMdHopb3Hvjh2u1zkU='
const PING_HEX = `0a03312e30120131180a220470696e672a027b7d322c${Buffer.from(PING_TAG).toString('hex')}`

const kinds = Object.keys(TRUST_PACKAGE_TYPES) as TrustPackageKind[]
const texts = jsonText.filter((text) => !/[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')))
const anyPackage = fc.record(
  {
    version: texts,
    alt: texts,
    kind: fc.constantFrom(...kinds),
    event: texts,
    body: jsonValue.map(throughText),
  },
  { noNullPrototype: true },
)

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function assertMalformed(bytes: Uint8Array): void {
  assert.throws(
    () => decodePackage(bytes),
    (error: Error) => error instanceof MalformedMessageError,
  )
}

packages('S1.18 S1.20 S1.21 a ping is written byte for byte as trustnote-p2p writes it', () => {
  assert.is(Buffer.from(encodePackage(PING)).toString('hex'), PING_HEX)
})

packages('S1.18 S1.20 a ping of trustnote-p2p is read', () => {
  assert.equal(decodePackage(hex(PING_HEX)), { ...PING, version: '1.0', alt: '1', tag: PING_TAG })
})

packages('S1.19 every kind of package has its number on the wire', () => {
  const numbers = { system: 0, heartbeatPing: 10, heartbeatPong: 11, talk: 20, request: 30, response: 31 }
  assert.equal(TRUST_PACKAGE_TYPES, numbers)
  for (const kind of kinds) {
    const bytes = encodePackage({ kind, event: 'e', body: null })
    // Two fields of text come first, then the tag of field 3 and its number.
    assert.equal([...bytes.subarray(8, 10)], [0x18, numbers[kind]], kind)
  }
})

packages('what is read is what was written', () => {
  checkProperty(
    fc.property(anyPackage, (message) => {
      const { tag, ...read } = decodePackage(encodePackage(message))
      // Of objects with a field `constructor` only the texts can be compared.
      assert.is(JSON.stringify(read), JSON.stringify(message))
      assert.match(tag, /^[\w+/]{43}=$/)
    }),
  )
})

packages('S1.21 the tag tells bodies apart', () => {
  const tagOf = (body: JsonValue): string => decodePackage(encodePackage({ ...PING, body })).tag
  assert.is(tagOf({ a: 1 }), tagOf({ a: 1 }))
  assert.is.not(tagOf({ a: 1 }), tagOf({ a: '1' }))
  assert.is.not(tagOf([1, [2]]), tagOf([[1], 2]))
})

packages('damage never throws anything but a malformed message', () => {
  checkProperty(
    fc.property(anyPackage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, where, flip) => {
      const bytes = encodePackage(message)
      const at = where % bytes.length
      bytes[at] = (bytes[at] as number) ^ flip
      try {
        decodePackage(bytes)
      } catch (error) {
        assert.instance(error, MalformedMessageError)
      }
    }),
    { numRuns: 500 },
  )
})

packages('a package that is cut short is refused at every length', () => {
  const bytes = encodePackage({ kind: 'talk', event: 'hello', body: { text: 'é', list: [1, 2] } })
  for (let length = 0; length < bytes.length; length++) assertMalformed(bytes.subarray(0, length))
})

packages('any bytes are a package or a malformed message', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => assertMalformed(bytes)),
    { numRuns: 500 },
  )
})

packages('S1.21 a tag that belongs to another body is refused', () => {
  assertMalformed(hex(PING_HEX.replace('2a027b7d', '2a025b5d')))
  assertMalformed(hex(PING_HEX.replace('180a', '180b')))
})

packages('unknown fields of every wire type are skipped', () => {
  for (const unknown of ['3807', '3a03616263', '390102030405060708', '3d01020304', '3b08011b12017a1c3c']) {
    assert.is(decodePackage(joined(hex(unknown), hex(PING_HEX))).tag, PING_TAG)
    assert.is(decodePackage(joined(hex(PING_HEX), hex(unknown))).tag, PING_TAG)
  }
})

packages('S1.18 required fields are demanded', () => {
  const [event, body, tag] = ['220470696e67', '2a027b7d', PING_HEX.slice(PING_HEX.indexOf('322c'))]
  for (const field of [event, body, tag]) assertMalformed(hex(PING_HEX.replace(field, '')))
})

packages('of a repeated field the last counts', () => {
  assert.is(decodePackage(joined(hex('2204786f786f'), hex(PING_HEX))).event, 'ping')
  assertMalformed(joined(hex(PING_HEX), hex('2204786f786f')))
})

packages('groups without an end, numbers without an end and unknown types are refused', () => {
  assertMalformed(joined(hex(PING_HEX), hex('3b0801')))
  assertMalformed(joined(hex(PING_HEX), hex('3b'.repeat(20))))
  assertMalformed(joined(hex(PING_HEX), hex(`38${'ff'.repeat(11)}`)))
  assertMalformed(hex(PING_HEX.replace('180a', '180c')))
})

packages('what cannot be said is a mistake of the caller', () => {
  let deep: JsonValue = 1
  for (let i = 0; i < 101; i++) deep = [deep]
  const cycle: JsonValue[] = []
  cycle.push(cycle)
  const bad = [
    { body: deep },
    { body: cycle },
    { body: undefined },
    { body: 1n },
    { event: '\ud800' },
    { kind: 'none' },
  ]
  for (const fields of bad) {
    assert.throws(
      () => encodePackage({ ...PING, ...(fields as object) }),
      (error: Error) => error instanceof InvalidValueError,
    )
  }
})

packages.run()
