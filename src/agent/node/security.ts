/** How an agent's transport is secured, from what was typed: a folder that `keygen` filled, or three files, or plain text. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidOptionError } from '../../core/index.ts'
import type { TcpOptions } from '../../tcp/index.ts'
import { isLoopbackHost } from '../../transports/index.ts'
import { type Given, UsageError } from '../cli/index.ts'
import { AUTHORITY_FILES, filesOf } from '../keygen/index.ts'

const FILES = ['ca', 'cert', 'key'] as const

/**
 * The security of a node.
 *
 * @param facts - `id`: as it was typed; `hosts`: where it listens, and where others are told to reach it
 * @throws {UsageError | InvalidOptionError} options that contradict each other, or plain text for other machines
 */
export function securityOf(
  given: Given,
  facts: { readonly id: string | undefined; readonly hosts: readonly string[] },
): Pick<TcpOptions, 'tls' | 'plainText'> {
  const tls = tlsOf(given, facts.id)
  if (tls === undefined) return plainTextOf(given, facts.hosts)
  if (given.has('plain-text')) throw contradiction('--plain-text and certificates exclude each other')
  if (given.has('accept-old-peers')) throw contradiction('--accept-old-peers needs plain text: old peers know no TLS')
  return { tls }
}

function tlsOf(given: Given, id: string | undefined): TcpOptions['tls'] {
  const folder = given.text('tls')
  const files = FILES.map((name) => given.text(name))
  const [ca, cert, key] = files
  if (folder === undefined && files.every((file) => file === undefined)) return undefined
  if (id === undefined) throw new UsageError('GOSSIP_ARGUMENT_MISSING', '--id is missing: a certificate is for one id')
  if (folder === undefined) {
    if (ca !== undefined && cert !== undefined && key !== undefined) return { ca, cert, key }
    const missing = FILES.find((name) => given.text(name) === undefined)
    throw new UsageError(
      'GOSSIP_ARGUMENT_MISSING',
      `--${missing} is missing: --ca, --cert and --key go together, or --tls DIR`,
    )
  }
  const own = filesOf(id)
  if (cert === undefined && !existsSync(join(folder, own.certificate))) {
    const advice = `make it with gossipmonger keygen node '${id}', in the folder of the authority`
    throw new UsageError('GOSSIP_INPUT_UNREADABLE', `there is no ${join(folder, own.certificate)}: ${advice}`)
  }
  return {
    ca: ca ?? join(folder, AUTHORITY_FILES.certificate),
    cert: cert ?? join(folder, own.certificate),
    key: key ?? join(folder, own.key),
  }
}

function plainTextOf(given: Given, hosts: readonly string[]): Pick<TcpOptions, 'plainText'> {
  if (given.has('plain-text')) return { plainText: true }
  const other = hosts.find((host) => !isLoopbackHost(host))
  if (other === undefined) return {}
  const rule =
    'this machine alone (127.0.0.1, ::1, localhost), or give it certificates with --tls DIR (see gossipmonger keygen), or ' +
    '--plain-text where everybody on the network is trusted'
  throw new InvalidOptionError('--host', rule, other)
}

function contradiction(problem: string): UsageError {
  return new UsageError('GOSSIP_ARGUMENT_INVALID', problem)
}
