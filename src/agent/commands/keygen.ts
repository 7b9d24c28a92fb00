/** `gossipmonger keygen`: the certificates of a secure cluster, without anybody else's tools. */

import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { InvalidOptionError } from '../../core/index.ts'
import { type Command, type Given, integerValue, nameValue, type Streams, UsageError } from '../cli/index.ts'
import {
  AUTHORITY_FILES,
  assertVacant,
  filesOf,
  type KeyKind,
  makeAuthority,
  makeNodeCertificate,
  readAuthority,
  writePair,
} from '../keygen/index.ts'

const KIND = 'WHAT'
const IDS = 'ID'
const FOLDER = 'tls'
const NAME = 'gossipmonger cluster'
const AUTHORITY_DAYS = 3_650
const NODE_DAYS = 365
const DAYS_MAX = 36_500

/** The command. */
export const keygenCommand: Command = {
  name: 'keygen',
  summary: 'make certificates for a cluster that trusts only its own nodes',
  description:
    'First, once: `keygen ca` makes the authority of a cluster. Then `keygen node ID …` makes a certificate for each node,\n' +
    'signed by it. A node that runs with `agent --tls DIR` talks only to nodes with such a certificate, and nobody can\n' +
    'use an id but the node whose certificate names it. Files that are there already are not touched without --force.',
  arguments: [
    { name: KIND, help: '`ca` for the authority, `node` for nodes' },
    { name: IDS, help: 'with `node`: the ids of the nodes, as in agent --id', isRepeatable: true },
  ],
  options: {
    out: { value: 'DIR', help: `where the files go (default: ${FOLDER})` },
    ca: { value: 'DIR', help: 'with `node`: where the authority is (default: the same as --out)' },
    name: { value: 'NAME', help: `with \`ca\`: what it is called (default: ${NAME})` },
    days: {
      value: 'N',
      help: `how long it is valid (default: ${AUTHORITY_DAYS} for the authority, ${NODE_DAYS} for nodes)`,
    },
    ecdsa: { help: 'make ECDSA keys on the curve P-256, for tools that do not know Ed25519' },
    force: { help: 'replace files; a node that runs takes the new ones into use by itself' },
  },
  examples: [
    'gossipmonger keygen ca',
    'gossipmonger keygen node alice bob',
    'gossipmonger keygen node alice --force --days 90',
    'gossipmonger agent --id alice --tls tls',
  ],
  run: keygen,
}

async function keygen(given: Given, streams: Streams): Promise<number> {
  const what = given.argument(KIND)
  const ids = given.rest(IDS)
  if (what === 'ca') {
    const [stray] = ids
    if (stray !== undefined)
      throw new UsageError('GOSSIP_ARGUMENT_UNEXPECTED', `keygen ca takes no ID, got '${stray}': --name names it`)
    makeCa(given, streams)
  } else if (what === 'node') {
    if (ids.length === 0) throw new UsageError('GOSSIP_ARGUMENT_MISSING', 'ID is missing: gossipmonger keygen node ID')
    makeNodes(given, ids, streams)
  } else throw new UsageError('GOSSIP_ARGUMENT_INVALID', `WHAT must be ca or node, got '${what}'`)
  return await Promise.resolve(0)
}

function makeCa(given: Given, { stdout }: Streams): void {
  if (given.text('ca') !== undefined) throw new InvalidOptionError('--ca', 'left out with keygen ca', given.text('ca'))
  const { folder, kind, days } = settings(given, AUTHORITY_DAYS)
  const name = nameValue('--name', given.text('name') ?? NAME)
  if (!given.has('force')) assertVacant(folder, AUTHORITY_FILES)
  const pair = makeAuthority({ name, days, kind })
  writePair(folder, AUTHORITY_FILES, pair)
  stdout.write(
    [
      `${join(folder, AUTHORITY_FILES.certificate)}  the authority, until ${endOf(pair.certificate)}: every node needs it`,
      `${join(folder, AUTHORITY_FILES.key)}  its key: whoever has it can join the cluster under any name; nodes do not need it`,
      '',
      `Next, for every node: gossipmonger keygen node ID${folder === FOLDER ? '' : ` --out ${folder}`}`,
      '',
    ].join('\n'),
  )
}

function makeNodes(given: Given, ids: readonly string[], { stdout }: Streams): void {
  if (given.text('name') !== undefined)
    throw new InvalidOptionError('--name', 'left out with keygen node', given.text('name'))
  const { folder, kind, days } = settings(given, NODE_DAYS)
  const names = ids.map((id) => nameValue('ID', id))
  const authority = readAuthority(given.text('ca') ?? folder)
  if (!given.has('force')) for (const name of names) assertVacant(folder, filesOf(name))
  for (const name of names) {
    const files = filesOf(name)
    const pair = makeNodeCertificate(authority, { name, days, kind })
    writePair(folder, files, pair)
    stdout.write(`${join(folder, files.certificate)}  ${name}, until ${endOf(pair.certificate)}\n`)
    stdout.write(`${join(folder, files.key)}  its key\n`)
  }
  stdout.write(
    `\nNext, on the node's machine, with these two files and ${AUTHORITY_FILES.certificate} in one folder:\n`,
  )
  for (const name of names) stdout.write(`  gossipmonger agent --id ${quoted(name)} --tls ${quoted(folder)} …\n`)
}

function settings(given: Given, defaultDays: number): { folder: string; kind: KeyKind; days: number } {
  const days = given.text('days')
  return {
    folder: given.text('out') ?? FOLDER,
    kind: given.has('ecdsa') ? 'ecdsa' : 'ed25519',
    days: days === undefined ? defaultDays : integerValue('--days', days, 1, DAYS_MAX),
  }
}

function endOf(certificate: string): string {
  return new Date(new X509Certificate(certificate).validTo).toISOString().slice(0, 10)
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
