import { createPrivateKey } from 'node:crypto'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CertificateError, TcpTransport } from '../../../src/tcp/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { Fixture } from '../fixture.ts'

const options = suite('tcp: tls options')
const fixture = new Fixture()
options.after.each(() => fixture.closeAll())

const authority = new TestAuthority()
const tls = authority.tls('ada')

const make = (given: object): TcpTransport => fixture.keep(new TcpTransport({ host: '127.0.0.1', port: 0, ...given }))

options('S3.1 one of the three without the others is refused, with the way out', () => {
  for (const missing of ['ca', 'cert', 'key']) {
    const rule = new RegExp(
      `tls\\.${missing} must be PEM .* go together \\(gossipmonger keygen makes all three\\), got undefined`,
    )
    assert.throws(() => make({ tls: { ...tls, [missing]: undefined } }), rule)
  }
})

options('bad options name the option, and never show a key', () => {
  const cases: [object, RegExp][] = [
    [{ tls: true }, /tls must be an object/],
    [{ tls: { ...tls, cart: '' } }, /tls\.cart must be one of ca, cert, key/],
    [{ tls: { ...tls, ca: [] } }, /tls\.ca must be PEM texts or paths, 1 to 64/],
    [{ tls: { ...tls, ca: [tls.ca, 7] } }, /tls\.ca must be PEM/],
    [{ tls: { ...tls, passphrase: 7 } }, /tls\.passphrase/],
    [{ tls: { ...tls, peerIdRule: 'any' } }, /tls\.peerIdRule must be/],
    [{ tls: { ...tls, handshakesMax: 0 } }, /tls\.handshakesMax must be an integer in \[1, 65536\]/],
    [{ tls: { ...tls, reloadIntervalMs: 1 } }, /tls\.reloadIntervalMs/],
    [{ tls, plainText: true }, /plainText must be false where tls is given/],
    [{ plainText: 'yes' }, /plainText must be a boolean/],
  ]
  for (const [given, text] of cases) assert.throws(() => make(given), text)
  try {
    make({ tls: { ...tls, cert: tls.key } })
    assert.unreachable()
  } catch (error) {
    assert.not.match((error as Error).message, /BEGIN/)
  }
})

options('what cannot be used is said at construction, with option and file', () => {
  const folder = new TemporaryFolder()
  const other = authority.issue('ada')
  const cases: [object, RegExp][] = [
    [
      { ...tls, cert: join(folder.path, 'nowhere.pem') },
      /tls\.cert is a path that cannot be read: ENOENT.*nowhere\.pem/,
    ],
    [{ ...tls, ca: folder.write('ca.pem', 'nothing') }, /tls\.ca \(.*ca\.pem\) holds no certificate in PEM/],
    [{ ...tls, ca: tls.key }, /tls\.ca holds no certificate in PEM/],
    [{ ...tls, cert: tls.cert.replace(/[A-Za-z]{8}/g, 'AAAAAAAA') }, /tls\.cert holds (a|no) certificate/],
    [{ ...tls, key: folder.write('key.pem', tls.cert) }, /tls\.key \(.*key\.pem\) holds no private key in PEM/],
    [{ ...tls, key: other.key }, /tls\.key is not the key of tls\.cert/],
    [{ ...tls, ca: folder.write('large.pem', `${authority.ca}${'x'.repeat(2 ** 20)}`) }, /has over 1048576 bytes/],
  ]
  for (const [given, text] of cases) {
    try {
      make({ tls: given })
      assert.unreachable(String(text))
    } catch (error) {
      assert.match((error as Error).message, text)
      assert.is((error as CertificateError).code, 'GOSSIP_CERTIFICATE_UNUSABLE')
    }
  }
  folder.remove()
})

options('an own certificate that has expired is said when it begins to listen', async () => {
  const transport = make({ tls: authority.tlsOf(authority.issueExpired('ada')) })
  const error = await transport.listen().catch((thrown: CertificateError) => thrown)
  assert.is(error?.code, 'GOSSIP_CERTIFICATE_EXPIRED')
  assert.match(error?.message ?? '', /CN=ada\) expired on .* renew it/)
})

options('an encrypted key opens with its passphrase, and not without', async () => {
  const { certificate, key } = authority.issue('ada')
  const locked = createPrivateKey(key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open',
  })
  const given = { ca: authority.ca, cert: certificate, key: String(locked) }
  assert.throws(() => make({ tls: given }), /an encrypted one needs tls\.passphrase/)
  assert.throws(() => make({ tls: { ...given, passphrase: 'shut' } }), /with this tls\.passphrase/)
  await make({ tls: { ...given, passphrase: 'open' } }).listen()
})

options('S3.1 a text with -----BEGIN is PEM and anything else a path', async () => {
  const folder = new TemporaryFolder()
  const ca = folder.write('ca.pem', authority.ca)
  const ada = await fixture.node('ada', { tls: { ...tls, ca: [ca] } })
  const bob = await fixture.node('bob', { tls: authority.tls('bob') })
  bob.transport.digest(ada.ref, bob.ref, [1])
  await ada.told.heard('digest')
  folder.remove()
})

options.run()
