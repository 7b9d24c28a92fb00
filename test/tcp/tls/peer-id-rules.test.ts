import { createHash, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { certificateNamesPeer, keyNamesPeer, peerIdUri } from '../../../src/tcp/index.ts'
import { alternativeNames } from '../../../src/tcp/tls/alternative-names.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { checkProperty } from '../../harness/property.ts'
import { Fixture } from '../fixture.ts'

const rules = suite('tcp: peer id rules')
const fixture = new Fixture()
rules.after.each(() => fixture.closeAll())
const authority = new TestAuthority()

/** As much of a certificate as the rule looks at. */
function named(subjectAltName: string | undefined, CN?: string | string[]): X509Certificate {
  return { subjectAltName, toLegacyObject: () => ({ subject: { CN } }) } as unknown as X509Certificate
}

const names = (id: string, certificate: X509Certificate): boolean => certificateNamesPeer(id, certificate) === true

rules('every id has a URI of its own, and its certificate names it and no other', () => {
  const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  checkProperty(
    fc.property(id, id, (one, other) => {
      const uri = peerIdUri(one)
      assert.match(uri, /^gossipmonger:[A-Za-z0-9%._~-]+$/)
      assert.is(names(one, named(`URI:${uri}`)), true)
      assert.is(names(other, named(`URI:${uri}, DNS:${other}`, other)), one === other)
    }),
  )
})

rules('a real certificate names its id, whatever the id is', () => {
  for (const id of [
    'ada',
    'a, URI:gossipmonger:b',
    '"quoted"',
    'zoë@雪/👩‍🚀',
    '%41',
    'x'.repeat(256),
    '__proto__',
    ' ',
    '*',
  ]) {
    const certificate = new X509Certificate(authority.issue(id).certificate)
    assert.is(certificateNamesPeer(id, certificate), true, id)
    assert.match(String(certificateNamesPeer('b', certificate)), /the certificate is for "/)
  }
})

rules('a URI counts alone, then DNS names, then a single common name', () => {
  const cases: [names: string | undefined, common: string | string[] | undefined, id: string, expected: boolean][] = [
    ['URI:gossipmonger:a, DNS:b', 'c', 'a', true],
    ['URI:gossipmonger:a, DNS:b', 'c', 'b', false],
    ['URI:gossipmonger:a, URI:gossipmonger:b', undefined, 'b', true],
    ['URI:gossipmonger:a%2f', undefined, 'a/', false],
    ['URI:gossipmonger:%FF', 'x', 'x', false],
    ['URI:https://x/, DNS:b', 'c', 'b', true],
    ['DNS:b', 'c', 'c', false],
    ['DNS:*.b', undefined, 'x.b', false],
    ['DNS:b', undefined, 'B', false],
    ['IP Address:10.0.0.1', 'c', 'c', true],
    [undefined, 'c', 'c', true],
    [undefined, ['c', 'd'], 'c', false],
    [undefined, undefined, '', false],
  ]
  for (const [text, common, id, expected] of cases) assert.is(names(id, named(text, common)), expected, `${text} ${id}`)
})

rules('a name with a comma in it smuggles in no other', () => {
  const smuggled = 'DNS:"x\\u002c URI:gossipmonger:ada", DNS:y'
  assert.equal(alternativeNames(smuggled), [
    { kind: 'DNS', value: 'x, URI:gossipmonger:ada' },
    { kind: 'DNS', value: 'y' },
  ])
  for (const text of [smuggled, 'DNS:"x, URI:gossipmonger:ada, DNS:y"', 'DNS:x"y, URI:gossipmonger:ada', 'DNS:"x']) {
    assert.is(names('ada', named(text, 'ada')), false, text)
  }
})

rules('S3.21 S3.32 an id may be its own key', () => {
  const certificate = new X509Certificate(authority.issue('any').certificate)
  const hash = createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
  const raw = Buffer.from(String(certificate.publicKey.export({ format: 'jwk' })['x']), 'base64url')
  for (const id of [hash, raw].flatMap((key) => [key.toString('hex'), key.toString('base64url')])) {
    assert.is(keyNamesPeer(id, certificate), true)
  }
  for (const id of ['any', hash.toString('hex').toUpperCase(), hash.toString('base64'), '']) {
    assert.match(String(keyNamesPeer(id, certificate)), /the key of the certificate has the id "[0-9a-f]{64}"/)
  }
  const ecdsa = new X509Certificate(authority.issue('any', 'ecdsa').certificate)
  const id = createHash('sha256')
    .update(ecdsa.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  assert.is(keyNamesPeer(id, ecdsa), true)
})

rules('a rule of the embedder’s decides, and its reason reaches both sides', async () => {
  const verdicts = { bob: true, cyd: 'not on Sundays', dan: false } as Record<string, boolean | string>
  const rule = (id: string): boolean | string => {
    if (id === 'eve') throw new Error('rule broke')
    return verdicts[id] ?? false
  }
  const ada = await fixture.node('ada', { tls: { ...authority.tls('ada'), peerIdRule: rule } })
  for (const [i, [id, reason]] of [
    ['cyd', 'not on Sundays'],
    ['dan', 'does not allow it'],
    ['eve', 'failed: rule broke'],
  ].entries()) {
    const node = await fixture.node(id as string, { tls: authority.tls(id as string) })
    node.transport.digest(ada.ref, node.ref, [])
    assert.ok((await node.told.error('GOSSIP_PEER_ID_MISMATCH')).message.includes(reason as string))
    await ada.told.until(() => ada.told.errors.length > i, reason as string)
    assert.ok(ada.told.errors[i]?.message.includes(reason as string))
  }
  const bob = await fixture.node('bob', { tls: authority.tls('nobody') })
  bob.transport.digest(ada.ref, bob.ref, ['let in'])
  await ada.told.heard('digest')
})

rules.run()
