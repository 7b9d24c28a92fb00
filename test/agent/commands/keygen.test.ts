import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommandLine } from '../../../src/agent/cli/index.ts'
import { commands } from '../../../src/agent/commands/index.ts'
import { certificateNamesPeer } from '../../../src/tcp/index.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { CommandLine } from '../command-line.ts'

const keygen = suite('keygen')
let folder = new TemporaryFolder()
keygen.before.each(() => {
  folder = new TemporaryFolder()
})
keygen.after.each(() => folder.remove())

const DAY_MS = 86_400_000

/** Runs `keygen` on the folder; gives the status and all that was written. */
async function type(...words: string[]): Promise<{ status: number; text: string }> {
  let text = ''
  const output = { write: (written: string) => (text += written) }
  const line = ['keygen', ...words, '--out', folder.path]
  return { status: await runCommandLine(commands, line, { stdout: output, stderr: output }), text }
}

const read = (name: string): X509Certificate => new X509Certificate(readFileSync(join(folder.path, name)))
const modeOf = (name: string): number => statSync(join(folder.path, name)).mode & 0o777
const daysOf = (certificate: X509Certificate): number =>
  Math.round((Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / DAY_MS)

keygen('an authority and two nodes, as a user makes them', async () => {
  const ca = await new CommandLine('keygen', 'ca', '--out', folder.path).ended
  assert.equal([ca.status, ca.stderr], [0, ''])
  assert.match(ca.stdout.join('\n'), /ca-key\.pem {2}its key.*\n\nNext, for every node: gossipmonger keygen node ID/)
  const nodes = await new CommandLine('keygen', 'node', 'alice', 'bob/2', '--out', folder.path).ended
  assert.equal([nodes.status, nodes.stderr], [0, ''])
  assert.match(nodes.stdout.join('\n'), /gossipmonger agent --id alice --tls/)
  const names = ['alice-key.pem', 'alice.pem', 'bob%2F2-key.pem', 'bob%2F2.pem', 'ca-key.pem', 'ca.pem']
  assert.equal(readdirSync(folder.path).sort(), names)
  for (const name of names) assert.is(modeOf(name), name.includes('-key') ? 0o600 : 0o644, name)
})

keygen('certificates are what nodes need: signed, named, for both sides, and of the usual age', async () => {
  assert.is((await type('ca', '--name', 'my "cluster"')).status, 0)
  assert.is((await type('node', 'zoë, x')).status, 0)
  assert.is((await type('node', 'old', '--ecdsa', '--days', '30')).status, 0)
  const [ca, zoe, old] = [read('ca.pem'), read('zo%C3%AB%2C%20x.pem'), read('old.pem')]
  assert.is(ca.toLegacyObject().subject.CN, 'my "cluster"')
  assert.equal([ca, zoe, old].map(daysOf), [3_650, 365, 30])
  assert.equal(
    [ca, zoe, old].map((each) => each.ca),
    [true, false, false],
  )
  assert.equal(
    [ca, zoe, old].map((each) => each.publicKey.asymmetricKeyType),
    ['ed25519', 'ed25519', 'ec'],
  )
  for (const [id, each] of [
    ['zoë, x', zoe],
    ['old', old],
  ] as const) {
    assert.ok(each.checkIssued(ca) && each.verify(ca.publicKey))
    assert.is(certificateNamesPeer(id, each), true)
    assert.is(each.toLegacyObject().subject.CN, id)
    assert.equal(each.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  }
  assert.is(new Set([ca, zoe, old].map((each) => each.serialNumber)).size, 3)
})

keygen('what is there is replaced only by force, and a node never outlives its authority', async () => {
  await type('ca', '--days', '10')
  await type('node', 'alice')
  assert.is(Date.parse(read('alice.pem').validTo), Date.parse(read('ca.pem').validTo))
  const before = readFileSync(join(folder.path, 'alice.pem'), 'utf8')
  for (const words of [['ca'], ['node', 'bob', 'alice']]) {
    const { status, text } = await type(...words)
    assert.is(status, 1)
    assert.match(text, /^gossipmonger: GOSSIP_FILE_EXISTS: .*: --force replaces it\n$/)
  }
  assert.equal(readdirSync(folder.path).length, 4)
  assert.is((await type('node', 'alice', '--force')).status, 0)
  assert.is.not(readFileSync(join(folder.path, 'alice.pem'), 'utf8'), before)
})

keygen('ids share no file, with each other or with the authority', async () => {
  await type('ca')
  const ids = [
    'ca',
    'ca-key',
    'a',
    'a-key',
    '.',
    '..',
    '%61',
    'x/y',
    'x%2Fy',
    `${'l'.repeat(250)}1`,
    `${'l'.repeat(250)}2`,
  ]
  assert.is((await type('node', ...ids)).status, 0)
  assert.is(readdirSync(folder.path).length, 2 * (ids.length + 1))
  assert.ok(readdirSync(folder.path).every((name) => name.length < 200))
})

keygen('what cannot be done says what to do instead', async () => {
  const cases: [words: string[], status: number, text: RegExp][] = [
    [[], 2, /GOSSIP_ARGUMENT_MISSING: WHAT is missing/],
    [['key'], 2, /GOSSIP_ARGUMENT_INVALID: WHAT must be ca or node, got 'key'/],
    [['ca', 'alice'], 2, /GOSSIP_ARGUMENT_UNEXPECTED: keygen ca takes no ID/],
    [['ca', '--ca', '.'], 2, /--ca must be left out with keygen ca/],
    [['node'], 2, /GOSSIP_ARGUMENT_MISSING: ID is missing/],
    [['node', 'a', '--name', 'b'], 2, /--name must be left out/],
    [['node', ''], 2, /ID must be a text of 1 to 256 bytes/],
    [['node', 'a', '--days', '0'], 2, /--days must be a whole number from 1 to 36500/],
    [['node', 'alice'], 2, /GOSSIP_INPUT_UNREADABLE: no authority in .*: make one with gossipmonger keygen ca/],
  ]
  for (const [words, status, text] of cases) {
    const ended = await type(...words)
    assert.match(ended.text, text)
    assert.is(ended.status, status, ended.text)
  }
  await type('ca')
  await type('node', 'alice')
  const authority = folder.write('wrong/ca.pem', readFileSync(join(folder.path, 'alice.pem'), 'utf8'))
  folder.write('wrong/ca-key.pem', readFileSync(join(folder.path, 'alice-key.pem'), 'utf8'))
  const { status, text } = await type('node', 'bob', '--ca', join(authority, '..'))
  assert.match(text, /GOSSIP_AUTHORITY_UNUSABLE: the authority cannot sign: its certificate is not one of an authority/)
  assert.is(status, 1)
  folder.write('file', '')
  const blocked = await new CommandLine('keygen', 'ca', '--out', join(folder.path, 'file')).ended
  assert.match(blocked.stderr, /GOSSIP_FILE_UNWRITABLE/)
})

keygen.run()
