/**
 * Makes certificates for a cluster: an authority that signs itself, and nodes whose certificates it signs. A node's id
 * stands in its certificate, so nobody else can use it.
 */

import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { peerIdUri } from '../../tcp/index.ts'
import { CommandFailedError } from '../cli/index.ts'
import {
  bits,
  bytesOf,
  integer,
  moment,
  nothing,
  numbered,
  numberedBytes,
  objectId,
  octets,
  sequence,
  setOf,
  utf8,
  valuesIn,
  yes,
} from './der.ts'

/** A certificate and its key, in PEM. */
export interface PemPair {
  readonly certificate: string
  readonly key: string
}

/** The kind of a new key: Ed25519, or ECDSA on the curve P-256. */
export type KeyKind = 'ed25519' | 'ecdsa'

/** What a certificate is made with. */
export interface CertificateRequest {
  /** What it is for: the name of the authority, or the id of the node. */
  readonly name: string
  /** How long it is valid, days. */
  readonly days: number
  readonly kind: KeyKind
  /** When it becomes valid, ms since 1970. @defaultValue five minutes ago, for clocks that are behind */
  readonly startsAtMs?: number
}

/** What an authority or a node is, before somebody signs it. */
interface Draft {
  readonly subject: Buffer
  readonly publicKey: KeyObject
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly extensions: readonly Buffer[]
}

const DAY_MS = 86_400_000
const CLOCK_SLACK_MS = 300_000
const SERIAL_BYTES = 16
/** A common name may not be longer; the id stands in full in the URI. */
const COMMON_NAME_CHARS_MAX = 64

const COMMON_NAME = objectId('2.5.4.3')
const SUBJECT_KEY = objectId('2.5.29.14')
const KEY_USAGE = objectId('2.5.29.15')
const ALTERNATIVE_NAMES = objectId('2.5.29.17')
const BASIC_CONSTRAINTS = objectId('2.5.29.19')
const AUTHORITY_KEY = objectId('2.5.29.35')
const EXTENDED_USAGE = objectId('2.5.29.37')
const SERVER = objectId('1.3.6.1.5.5.7.3.1')
const CLIENT = objectId('1.3.6.1.5.5.7.3.2')

/** By the kind of the signing key: how the signature is called, and which digest it takes. */
const SIGNATURES: Readonly<Record<string, { readonly name: Buffer; readonly digest: string | null }>> = {
  ed25519: { name: sequence(objectId('1.3.101.112')), digest: null },
  ec: { name: sequence(objectId('1.2.840.10045.4.3.2')), digest: 'sha256' },
  rsa: { name: sequence(objectId('1.2.840.113549.1.1.11'), nothing()), digest: 'sha256' },
}

/** Makes an authority, which may sign nodes and no further authorities. */
export function makeAuthority(request: CertificateRequest): PemPair {
  const { publicKey, privateKey } = newKeys(request.kind)
  const subject = nameOf(request.name)
  const extensions = [
    critical(BASIC_CONSTRAINTS, sequence(yes(), integer(Buffer.from([0])))),
    critical(KEY_USAGE, bits(Buffer.from([0b0000_0110]), 1)), // To sign certificates, and lists of revoked ones.
    extension(SUBJECT_KEY, octets(keyIdOf(publicKey))),
  ]
  const draft = { subject, publicKey, ...validity(request), extensions }
  return { certificate: signed(draft, subject, privateKey), key: pemOf(privateKey) }
}

/**
 * Makes a certificate for a node. It ends with its authority's at the latest.
 *
 * @throws {CommandFailedError} `GOSSIP_AUTHORITY_UNUSABLE`: what is given is no authority with its key
 */
export function makeNodeCertificate(authority: PemPair, request: CertificateRequest): PemPair {
  const { certificate, key } = openAuthority(authority)
  const { publicKey, privateKey } = newKeys(request.kind)
  const { notBeforeMs, notAfterMs } = validity(request)
  const { subject, keyId } = factsOf(certificate)
  const draft = {
    subject: nameOf(request.name),
    publicKey,
    notBeforeMs,
    notAfterMs: Math.min(notAfterMs, Date.parse(certificate.validTo)),
    extensions: [
      critical(BASIC_CONSTRAINTS, sequence()),
      critical(KEY_USAGE, bits(Buffer.from([0b1000_0000]), 7)), // To sign handshakes.
      extension(EXTENDED_USAGE, sequence(SERVER, CLIENT)),
      extension(ALTERNATIVE_NAMES, sequence(numberedBytes(6, Buffer.from(peerIdUri(request.name), 'latin1')))),
      extension(SUBJECT_KEY, octets(keyIdOf(publicKey))),
      // Two authorities may have one name, while one takes over from the other; this tells which it was.
      ...(keyId === undefined ? [] : [extension(AUTHORITY_KEY, sequence(numberedBytes(0, keyId)))]),
    ],
  }
  return { certificate: signed(draft, subject, key), key: pemOf(privateKey) }
}

function newKeys(kind: KeyKind): { publicKey: KeyObject; privateKey: KeyObject } {
  return kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function validity({ days, startsAtMs = Date.now() - CLOCK_SLACK_MS }: CertificateRequest): {
  notBeforeMs: number
  notAfterMs: number
} {
  return { notBeforeMs: startsAtMs, notAfterMs: startsAtMs + days * DAY_MS }
}

function nameOf(name: string): Buffer {
  const isLong = name.length > COMMON_NAME_CHARS_MAX
  // A character of two units that is cut in half becomes another; the name is for people.
  const common = isLong ? `${name.slice(0, COMMON_NAME_CHARS_MAX - 1)}…` : name
  return sequence(setOf(sequence(COMMON_NAME, utf8(common))))
}

function extension(name: Buffer, value: Buffer): Buffer {
  return sequence(name, octets(value))
}

function critical(name: Buffer, value: Buffer): Buffer {
  return sequence(name, yes(), octets(value))
}

/** By custom, the SHA-1 of the key's bits; it finds a certificate and proves nothing. */
function keyIdOf(publicKey: KeyObject): Buffer {
  const [, key] = valuesIn(publicKey.export({ type: 'spki', format: 'der' }))
  return createHash('sha1')
    .update(bytesOf(key as Buffer).subarray(1))
    .digest()
}

function signed(draft: Draft, issuer: Buffer, key: KeyObject): string {
  const { name, digest } = SIGNATURES[key.asymmetricKeyType ?? ''] as (typeof SIGNATURES)[string]
  const serial = randomBytes(SERIAL_BYTES)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40 // Positive, and always of the same length.
  const content = sequence(
    numbered(0, integer(Buffer.from([2]))), // Counted from 0: the third version.
    integer(serial),
    name,
    issuer,
    sequence(moment(draft.notBeforeMs), moment(draft.notAfterMs)),
    draft.subject,
    draft.publicKey.export({ type: 'spki', format: 'der' }),
    numbered(3, sequence(...draft.extensions)),
  )
  const certificate = sequence(content, name, bits(sign(digest, content, key)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string
}

function openAuthority({ certificate, key }: PemPair): { certificate: X509Certificate; key: KeyObject } {
  const opened = readAuthority(certificate, key)
  const kind = opened.key.asymmetricKeyType ?? 'unknown'
  if (!opened.certificate.ca) throw unusable('its certificate is not one of an authority')
  if (!opened.certificate.checkPrivateKey(opened.key)) throw unusable('its key is not the key of its certificate')
  if (!Object.hasOwn(SIGNATURES, kind)) throw unusable(`its key is of the kind ${kind}, not ed25519, ec or rsa`)
  if (Date.parse(opened.certificate.validTo) < Date.now()) throw unusable(`it ended on ${opened.certificate.validTo}`)
  return opened
}

function readAuthority(certificate: string, key: string): { certificate: X509Certificate; key: KeyObject } {
  try {
    return { certificate: new X509Certificate(certificate), key: createPrivateKey(key) }
  } catch (cause) {
    throw unusable(`it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

/** What the certificates that an authority signs have to repeat of its own. */
function factsOf({ raw }: X509Certificate): { subject: Buffer; keyId: Buffer | undefined } {
  const [content] = valuesIn(raw)
  const fields = valuesIn(content as Buffer)
  const extensions = fields.find((field) => field[0] === 0xa3)
  const items = extensions === undefined ? [] : valuesIn(valuesIn(extensions)[0] as Buffer).map(valuesIn)
  const held = items.find(([name]) => name !== undefined && SUBJECT_KEY.equals(name))?.at(-1)
  return { subject: fields[5] as Buffer, keyId: held === undefined ? undefined : bytesOf(bytesOf(held)) }
}

function unusable(problem: string, cause?: unknown): CommandFailedError {
  return new CommandFailedError('GOSSIP_AUTHORITY_UNUSABLE', `the authority cannot sign: ${problem}`, cause)
}
