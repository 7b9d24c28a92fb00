/** Certificates are replaced while nodes run: nobody is disconnected, new connections use the new, the old authority goes. */

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PemPair } from '../../../src/agent/keygen/index.ts'
import type { TlsOptions } from '../../../src/tcp/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { Fixture, type Node } from '../fixture.ts'

const renewal = suite('tcp: tls renewal')
const fixture = new Fixture()
let folder = new TemporaryFolder()
renewal.before.each(() => {
  folder = new TemporaryFolder()
})
renewal.after.each(async () => {
  await fixture.closeAll()
  folder.remove()
})

const [first, second] = [new TestAuthority('one'), new TestAuthority('one', 'ecdsa')]

/** Replaces a file as careful tools do: it is there in whole at any moment. */
function put(name: string, text: string): void {
  renameSync(folder.write(`${name}.new`, text), join(folder.path, name))
}

function putPair(id: string, { certificate, key }: PemPair): void {
  put(`${id}-key.pem`, key)
  put(`${id}.pem`, certificate)
}

function tlsOf(id: string): TlsOptions {
  const path = (name: string): string => join(folder.path, name)
  return { ca: path('ca.pem'), cert: path(`${id}.pem`), key: path(`${id}-key.pem`), reloadIntervalMs: 10 }
}

const node = (id: string, tls: TlsOptions = tlsOf(id)): Promise<Node> => fixture.node(id, { tls })

let marks = 0
async function assertHeard(from: Node, to: Node): Promise<void> {
  const mark = ++marks
  from.transport.digest(to.ref, from.ref, [mark])
  await to.told.until(
    () => to.told.of('digest').some(([, digest]) => (digest as number[])[0] === mark),
    `digest ${mark}`,
  )
}

/** Waits until a newcomer with these certificates is let in, or kept out. */
async function until(isLetIn: boolean, by: Node, tls: TlsOptions): Promise<void> {
  for (let i = 0; ; i++) {
    const newcomer = await node('newcomer', tls)
    newcomer.transport.digest(by.ref, newcomer.ref, ['hello'])
    await newcomer.told.until(() => newcomer.told.of('hello').length + newcomer.told.errors.length > 0, 'an answer')
    await newcomer.transport.close()
    const [error] = newcomer.told.errors
    assert.ok(error === undefined || error.code === 'GOSSIP_CERTIFICATE_REFUSED', error?.message)
    if ((error === undefined) === isLetIn) return
    assert.ok(i < 500)
  }
}

renewal('an authority is replaced in three steps, and no connection ends', async () => {
  put('ca.pem', first.ca)
  for (const id of ['ada', 'bob']) putPair(id, first.issue(id))
  const [ada, bob] = [await node('ada'), await node('bob')]
  await assertHeard(ada, bob)
  const ofSecond = second.tls('newcomer')
  await until(false, ada, { ...ofSecond, ca: [first.ca, second.ca] })

  put('ca.pem', `${first.ca}${second.ca}`)
  await until(true, ada, { ...ofSecond, ca: [first.ca, second.ca] })
  await until(true, bob, { ...ofSecond, ca: [first.ca, second.ca] })

  for (const id of ['ada', 'bob']) putPair(id, second.issue(id))
  // Whoever believes the second alone is let in, so the new certificate is shown.
  for (const side of [ada, bob]) await until(true, side, ofSecond)

  put('ca.pem', second.ca)
  for (const side of [ada, bob]) await until(false, side, { ...first.tls('newcomer'), ca: [first.ca, second.ca] })

  await assertHeard(ada, bob)
  await assertHeard(bob, ada)
  assert.equal([ada.told.of('hello').filter(([peer]) => (peer as { id: string }).id === 'bob').length], [1])
  const lost = [...ada.told.errors, ...bob.told.errors].filter(({ code }) => code === 'GOSSIP_CONNECTION_LOST')
  assert.equal(lost, [])
})

renewal('half of a new pair is told of and not used, and used when the other half is there', async () => {
  put('ca.pem', `${first.ca}${second.ca}`)
  putPair('ada', first.issue('ada'))
  const ada = await node('ada')
  const renewed = second.issue('ada')
  put('ada.pem', renewed.certificate)
  const error = await ada.told.error('GOSSIP_CERTIFICATE_RELOAD_FAILED')
  assert.match(error.message, /the present one stays in use: tls\.key \(.*ada-key\.pem\) is not the key of tls\.cert/)
  await until(true, ada, { ...first.tls('newcomer') })
  put('ada-key.pem', renewed.key)
  await until(true, ada, second.tls('newcomer'))
  put('ca.pem', 'no certificate')
  await ada.told.until(
    () => ada.told.errors.filter(({ code }) => code.endsWith('RELOAD_FAILED')).length === 2,
    'a second failure',
  )
  await until(true, ada, second.tls('newcomer'))
})

renewal('reloadTls() takes other certificates and refuses bad ones', async () => {
  const ada = await node('ada', { ...first.tls('ada'), ca: [first.ca, second.ca] })
  const bob = await node('bob', { ...first.tls('bob'), ca: [first.ca, second.ca] })
  await assertHeard(ada, bob)
  await ada.transport.reloadTls(second.tls('ada'))
  await until(true, ada, second.tls('newcomer'))
  await until(false, ada, first.tls('newcomer'))
  await assertHeard(bob, ada)

  const codeOf = (promise: Promise<void>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: { code: string }) => error.code,
    )
  const { certificate } = second.issue('ada')
  assert.is(
    await codeOf(ada.transport.reloadTls({ ...second.tls('ada'), cert: certificate })),
    'GOSSIP_CERTIFICATE_RELOAD_FAILED',
  )
  assert.is(
    await codeOf(ada.transport.reloadTls(second.tlsOf(second.issueExpired('ada')))),
    'GOSSIP_CERTIFICATE_RELOAD_FAILED',
  )
  assert.is(await codeOf(ada.transport.reloadTls({ ca: '' } as unknown as TlsOptions)), 'GOSSIP_OPTION_INVALID')
  const plain = await fixture.node('plain')
  assert.is(await codeOf(plain.transport.reloadTls()), 'GOSSIP_OPTION_INVALID')
  await until(true, ada, second.tls('newcomer'))
})

renewal.run()
