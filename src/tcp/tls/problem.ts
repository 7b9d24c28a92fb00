/** What went wrong between two sides that tried to speak TLS, in words that name the side and the cure. */

import type { X509Certificate } from 'node:crypto'
import { TransportError } from '../../core/index.ts'
import { type ConnectionSide, RefusalError } from '../refusal.ts'

/** What the verifier of certificates calls a chain that ends at nobody who is believed. */
const FOREIGN: readonly string[] = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]
/** What other implementations say of a certificate in an alert; those of this project say it in a line. */
const CERTIFICATE_ALERT = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)$/
/** How plain text looks to somebody who expects TLS. */
const PLAIN_TEXT: readonly string[] = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST']

/**
 * Says why a certificate is not believed.
 *
 * @param verdict - what the verifier of certificates calls it
 * @param certificate - undefined if the other side showed none
 */
export function certificateRefused(
  side: ConnectionSide,
  verdict: unknown,
  certificate: X509Certificate | undefined,
): RefusalError {
  const facts = { problem: 'the certificate of the peer is refused', reason: reasonOf(String(verdict), certificate) }
  return new RefusalError('GOSSIP_CERTIFICATE_REFUSED', facts, side)
}

/** Says that a peer uses an id that its certificate does not give it. */
export function idMismatch(side: ConnectionSide, id: string, reason: string): RefusalError {
  const shown = JSON.stringify(id.length > 100 ? `${id.slice(0, 100)}…` : id)
  const facts = {
    problem: 'the certificate of the peer does not fit its id',
    reason: `it says ${shown}, but ${reason}`,
  }
  return new RefusalError('GOSSIP_PEER_ID_MISMATCH', facts, side)
}

/** Says that this side speaks TLS and the other plain text. */
export function plainTextSpoken(side: ConnectionSide, cause?: unknown): RefusalError {
  const facts = { problem: 'the peer speaks plain text', reason: 'one side speaks TLS, the other plain text', cause }
  return new RefusalError('GOSSIP_TLS_EXPECTED', facts, side)
}

/**
 * What the runtime says of a socket that speaks TLS.
 *
 * @returns the error itself if it has nothing to do with TLS
 */
export function tlsProblem({ peer, direction }: ConnectionSide, error: Error): Error {
  const code = 'code' in error ? String(error.code) : ''
  if (PLAIN_TEXT.includes(code)) return plainTextSpoken({ peer, direction }, error)
  if (!code.startsWith('ERR_SSL') && !code.startsWith('ERR_TLS')) return error
  const words = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message.trim()
  const facts = { peer, direction, cause: error }
  if (CERTIFICATE_ALERT.test(code)) {
    return new TransportError(
      'GOSSIP_CERTIFICATE_REFUSED',
      `the peer refuses the certificate of this node: ${words}`,
      facts,
    )
  }
  return new TransportError('GOSSIP_TLS_FAILED', `no secure connection came about: ${words}`, facts)
}

function reasonOf(verdict: string, certificate: X509Certificate | undefined): string {
  if (certificate === undefined) return 'there is none'
  const name = certificate.subject.replaceAll('\n', ', ')
  if (FOREIGN.includes(verdict)) return `no authority that is believed has signed it (${name})`
  if (verdict === 'CERT_NOT_YET_VALID') return `it is valid from ${certificate.validFrom} on (${name})`
  if (verdict !== 'CERT_HAS_EXPIRED') return `${verdict.toLowerCase().replaceAll('_', ' ')} (${name})`
  const isOwn = Date.parse(certificate.validTo) <= Date.now()
  return isOwn ? `it expired on ${certificate.validTo} (${name})` : `its authority's certificate has expired (${name})`
}
