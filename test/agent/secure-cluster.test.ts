/** A secure cluster as its users run it: `keygen ca`, `keygen node`, `agent --tls`, in processes of their own. */

import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeNodeCertificate, readAuthority, writePair } from '../../src/agent/keygen/index.ts'
import { TemporaryFolder } from '../harness/temporary-folder.ts'
import { CommandLine } from './command-line.ts'

const secure = suite('secure cluster')

const folder = new TemporaryFolder()
const ours = join(folder.path, 'ours')
const theirs = join(folder.path, 'theirs')
const running: CommandLine[] = []
secure.after.each(async () => {
  await Promise.all(running.splice(0).map((commandLine) => commandLine.kill()))
})
secure.after(() => folder.remove())

async function keygen(...words: string[]): Promise<void> {
  const { status, stderr } = await new CommandLine('keygen', ...words).ended
  assert.is(status, 0, stderr)
}

function agent(id: string, ...words: string[]): CommandLine {
  const commandLine = new CommandLine(
    'agent',
    '--id',
    id,
    '--port',
    '0',
    '--interval',
    '100',
    '--set',
    `name=${id}`,
    ...words,
  )
  running.push(commandLine)
  return commandLine
}

async function addressOf(commandLine: CommandLine): Promise<string> {
  return / at (\S+:\d+),/.exec(await commandLine.line(/ listening /))?.[1] ?? 'nowhere'
}

/** Everything that an agent has printed of others. */
const LEARNED = /^\S+ {2}(?:new peer|peer live|set|delete) /

secure('eight nodes converge, Ed25519 and ECDSA mixed, and intruders learn nothing', async () => {
  const ids = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8']
  await keygen('ca', '--out', ours)
  await keygen('node', ...ids.slice(0, 4), 'intruder', 'mallory', '--out', ours)
  await keygen('node', ...ids.slice(4), '--ecdsa', '--out', ours)
  await keygen('ca', '--out', theirs)
  await keygen('node', 'intruder', '--out', theirs)
  const expired = makeNodeCertificate(readAuthority(ours), {
    name: 'late',
    days: 1,
    kind: 'ed25519',
    startsAtMs: Date.now() - 2 * 86_400_000,
  })
  writePair(ours, { certificate: 'late.pem', key: 'late-key.pem' }, expired)

  const first = agent('n1', '--tls', ours)
  const join1 = ['--join', await addressOf(first)]
  const nodes = [first, ...ids.slice(1).map((id) => agent(id, '--tls', ours, ...join1))]
  const mallory = { cert: join(ours, 'mallory.pem'), key: join(ours, 'mallory-key.pem') }
  const intruders = [
    [
      agent('intruder', '--tls', theirs, ...join1),
      /GOSSIP_CERTIFICATE_REFUSED: the certificate of the peer is refused: no authority/,
    ],
    [
      agent('n1', '--tls', ours, '--cert', mallory.cert, '--key', mallory.key, ...join1),
      /GOSSIP_PEER_ID_MISMATCH: .*it says \\?"n1\\?", but the certificate is for \\?"mallory/,
    ],
    [
      agent('intruder', '--tls', ours, '--cluster', 'another', ...join1),
      /GOSSIP_CLUSTER_FOREIGN: the peer belongs to cluster/,
    ],
  ] as const
  const late = agent('late', '--tls', ours, ...join1)
  for (const [i, node] of nodes.entries()) {
    for (const id of ids) if (id !== ids[i]) await node.line(new RegExp(` {2}set +${id} name = "${id}"$`))
  }
  for (const [intruder, reason] of intruders) {
    await first.line(reason)
    await intruder.line(/ {2}error +GOSSIP_(?:CERTIFICATE_REFUSED|PEER_ID_MISMATCH|CLUSTER_FOREIGN): /)
    intruder.signal('SIGKILL')
    assert.equal(
      (await intruder.ended).stdout.filter((line) => LEARNED.test(line)),
      [],
    )
  }
  const { status, stderr } = await late.ended
  assert.is(status, 1)
  assert.match(stderr, /GOSSIP_CERTIFICATE_EXPIRED: .*CN=late\) expired on .* renew it/)
  first.signal('SIGKILL')
  const told = (await first.ended).stdout.filter((line) => LEARNED.test(line))
  assert.not.ok(told.some((line) => /intruder|mallory|late/.test(line)))
})

secure('plain text for other machines has to be asked for', async () => {
  const wide = ['--host', '0.0.0.0', '--advertise', '127.0.0.1:9']
  const { status, stderr } = await agent('n1', ...wide).ended
  assert.is(status, 2)
  assert.match(stderr, /--host must be this machine alone .*--tls DIR.*--plain-text .*got "0\.0\.0\.0"/)
  await agent('n1', ...wide, '--plain-text').line(/ listening /)
})

secure('security options that make no sense together are refused', async () => {
  const cases: [words: string[], text: RegExp][] = [
    [['--id', 'n1', '--tls', ours, '--plain-text'], /exclude each other/],
    [['--id', 'n1', '--tls', ours, '--accept-old-peers'], /old peers know no TLS/],
    [['--id', 'n1', '--ca', join(ours, 'ca.pem')], /--cert is missing: --ca, --cert and --key go together/],
    [['--tls', ours], /--id is missing: a certificate is for one id/],
    [['--id', 'nobody', '--tls', ours], /there is no .*nobody\.pem: make it with gossipmonger keygen node 'nobody'/],
  ]
  for (const [words, text] of cases) {
    const { status, stderr } = await new CommandLine('agent', '--port', '0', ...words).ended
    assert.match(stderr, text)
    assert.is(status, 2)
  }
})

secure.run()
