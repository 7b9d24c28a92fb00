/**
 * This node's certificate, its key and the authorities it believes: read from PEM or files, and checked before they are
 * used, so that a mistake has a name instead of a failing handshake.
 */

import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { CertificateError } from './certificate-error.ts'
import { isPem, type ResolvedTlsOptions } from './options.ts'

/** Where the three come from: PEM texts or paths. */
export type CredentialSources = Pick<ResolvedTlsOptions, 'ca' | 'cert' | 'key' | 'passphrase'>

/** What stands there, in the order ca …, cert, key. */
export type CredentialTexts = readonly string[]

/** Checked, and ready for use. */
export interface Credentials {
  readonly certificate: X509Certificate
  readonly texts: CredentialTexts
  /** For servers. */
  readonly context: Readonly<SecureContextOptions>
  /** For sockets that dial. */
  readonly secureContext: SecureContext
}

/** Longest file, bytes. */
const FILE_BYTES_MAX = 2 ** 20
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Whether any of the three is a file, and so may change. */
export function hasFiles(sources: CredentialSources): boolean {
  return sourcesOf(sources).some(([, source]) => !isPem(source))
}

/**
 * Reads what the sources lead to.
 *
 * @throws {CertificateError} `GOSSIP_CERTIFICATE_UNUSABLE`: a file cannot be read
 */
export function readCredentials(sources: CredentialSources): CredentialTexts {
  return sourcesOf(sources).map(([name, source]) => {
    if (isPem(source)) return source
    try {
      return bounded(name, source, readFileSync(source))
    } catch (cause) {
      throw unreadable(name, cause)
    }
  })
}

/** As {@link readCredentials}, without holding anybody up. */
export async function readCredentialsLater(sources: CredentialSources): Promise<CredentialTexts> {
  return await Promise.all(
    sourcesOf(sources).map(async ([name, source]) => {
      if (isPem(source)) return source
      try {
        return bounded(name, source, await readFile(source))
      } catch (cause) {
        throw unreadable(name, cause)
      }
    }),
  )
}

/**
 * Checks what was read: all of it is PEM, and the key is the certificate's.
 *
 * @throws {CertificateError} `GOSSIP_CERTIFICATE_UNUSABLE`: it is not, naming the option and the file
 */
export function checkCredentials(texts: CredentialTexts, sources: CredentialSources): Credentials {
  const [cert = '', key = ''] = texts.slice(-2)
  const authorities = texts.slice(0, -2)
  for (const [i, text] of authorities.entries()) certificatesIn('ca', text, sources.ca[i] ?? '')
  const [certificate] = certificatesIn('cert', cert, sources.cert)
  const privateKey = keyIn(key, sources)
  if (certificate === undefined || !certificate.checkPrivateKey(privateKey)) {
    throw unusable(`tls.key${whence(sources.key)} is not the key of tls.cert${whence(sources.cert)}`)
  }
  const { passphrase } = sources
  const context: Readonly<SecureContextOptions> = Object.freeze({
    ca: [...authorities],
    cert,
    key,
    ...(passphrase === undefined ? {} : { passphrase }),
    minVersion: 'TLSv1.3',
    // A resumed session would be believed on the word of an authority that may have been removed since.
    secureOptions: constants.SSL_OP_NO_TICKET,
  })
  return Object.freeze({ certificate, texts, context, secureContext: secureContextOf(context) })
}

/**
 * Sees to it that the certificate holds now.
 *
 * @throws {CertificateError} `GOSSIP_CERTIFICATE_EXPIRED`: it does not, yet or any more
 */
export function assertInDate({ certificate: { validFrom, validTo, subject } }: Credentials): void {
  const now = Date.now()
  const name = subject.replaceAll('\n', ', ')
  const rest = 'no peer would let this node in: renew it (gossipmonger keygen node ID --force)'
  if (now > Date.parse(validTo))
    throw outOfDate(`the certificate of this node (${name}) expired on ${validTo}, and ${rest}`)
  if (now < Date.parse(validFrom)) {
    throw outOfDate(`the certificate of this node (${name}) is valid from ${validFrom} on, and until then ${rest}`)
  }
}

function sourcesOf({ ca, cert, key }: CredentialSources): readonly (readonly [name: string, source: string])[] {
  return [...ca.map((each) => ['ca', each] as const), ['cert', cert], ['key', key]]
}

function bounded(name: string, path: string, bytes: Buffer): string {
  if (bytes.length <= FILE_BYTES_MAX) return bytes.toString('utf8')
  throw unusable(`tls.${name} (${path}) has over ${FILE_BYTES_MAX} bytes`)
}

function certificatesIn(name: string, text: string, source: string): readonly X509Certificate[] {
  const found = text.match(CERTIFICATE) ?? []
  if (found.length === 0) throw unusable(`tls.${name}${whence(source)} holds no certificate in PEM`)
  try {
    return found.map((pem) => new X509Certificate(pem))
  } catch (cause) {
    throw unusable(`tls.${name}${whence(source)} holds a certificate that cannot be read`, cause)
  }
}

function keyIn(text: string, { key, passphrase }: CredentialSources): KeyObject {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
  } catch (cause) {
    const advice = passphrase === undefined ? '; an encrypted one needs tls.passphrase' : ' with this tls.passphrase'
    throw unusable(`tls.key${whence(key)} holds no private key in PEM that can be read${advice}`, cause)
  }
}

function secureContextOf(context: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(context)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw unusable(`tls.cert and tls.key cannot be used together: ${problem}`, cause)
  }
}

function whence(source: string): string {
  return isPem(source) ? '' : ` (${source})`
}

function unreadable(name: string, cause: unknown): CertificateError {
  if (cause instanceof CertificateError) return cause
  const problem = cause instanceof Error ? cause.message : String(cause)
  return unusable(`tls.${name} is a path that cannot be read: ${problem} (a text with -----BEGIN in it is PEM)`, cause)
}

function unusable(message: string, cause?: unknown): CertificateError {
  return new CertificateError('GOSSIP_CERTIFICATE_UNUSABLE', message, cause)
}

function outOfDate(message: string): CertificateError {
  return new CertificateError('GOSSIP_CERTIFICATE_EXPIRED', message)
}
