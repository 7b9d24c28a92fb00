/**
 * Which ids a certificate may speak for. A rule is asked once for every id that is used on a connection; addresses and
 * host names play no part in it, since peers move and their ids do not.
 */

import { createHash, type X509Certificate } from 'node:crypto'
import { alternativeNames } from './alternative-names.ts'

/**
 * Whether the holder of a certificate, which one of the authorities in `ca` has signed, may use an id.
 *
 * @returns true if so; a text that says why not, or false
 */
export type PeerIdRule = (id: string, certificate: X509Certificate) => boolean | string

/** What the URI of an id begins with. */
const URI_SCHEME = 'gossipmonger:'

/**
 * The name that stands for an id in a certificate: `gossipmonger:` and the id in UTF-8, every byte but letters, digits and
 * `-._~` as `%` and two capital hexadecimal digits.
 */
export function peerIdUri(id: string): string {
  const strict = encodeURIComponent(id).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${URI_SCHEME}${strict}`
}

/**
 * The rule unless another is given: the certificate names the id. Where it has alternative names that are `gossipmonger:`
 * URIs, one of them has to be {@link peerIdUri} of the id; where it has none but DNS names, one of them has to equal the
 * id; where it has neither, its only common name has to. Letters count as they are written, and `*` stands for itself.
 */
export function certificateNamesPeer(id: string, certificate: X509Certificate): boolean | string {
  const names = namesOf(certificate)
  return names.includes(id) || `the certificate is for ${names.length === 0 ? 'nobody' : names.map(quoted).join(', ')}`
}

/**
 * The rule for ids that certify themselves: the id is the public key of the certificate. It is the SHA-256 of the key's DER
 * form (SubjectPublicKeyInfo), or an Ed25519 key itself, as 64 hexadecimal digits in small letters or 43 characters of base64url.
 */
export function keyNamesPeer(id: string, certificate: X509Certificate): boolean | string {
  const key = certificate.publicKey
  const forms = [
    createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest(),
  ]
  const { crv, x } = key.asymmetricKeyType === 'ed25519' ? key.export({ format: 'jwk' }) : {}
  if (crv === 'Ed25519' && x !== undefined) forms.push(Buffer.from(x, 'base64url'))
  const isNamed = forms.some((form) => id === form.toString('hex') || id === form.toString('base64url'))
  return isNamed || `the key of the certificate has the id ${quoted(forms[0]?.toString('hex') ?? '')}`
}

/** Every id the certificate names, by its most telling kind of name alone: others may mean something else. */
function namesOf(certificate: X509Certificate): readonly string[] {
  const names = alternativeNames(certificate.subjectAltName)
  if (names === undefined) return []
  const uris = names.filter(({ kind, value }) => kind === 'URI' && value.startsWith(URI_SCHEME))
  if (uris.length > 0) return uris.flatMap(({ value }) => idOfUri(value) ?? [])
  const hosts = names.filter(({ kind }) => kind === 'DNS')
  if (hosts.length > 0) return hosts.map(({ value }) => value)
  // A certificate with several common names gives an array here, and names nobody.
  const { CN: common } = certificate.toLegacyObject().subject as { CN?: string | string[] }
  return typeof common === 'string' && common !== '' ? [common] : []
}

function idOfUri(uri: string): string | undefined {
  try {
    const id = decodeURIComponent(uri.slice(URI_SCHEME.length))
    return peerIdUri(id) === uri ? id : undefined
  } catch {
    return undefined // No UTF-8, so nobody's id.
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
