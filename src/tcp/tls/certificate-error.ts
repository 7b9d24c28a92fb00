/** Trouble with this node's own certificate, key or authorities. */

import { GossipError } from '../../core/index.ts'

/**
 * What `tls` names cannot be used: `GOSSIP_CERTIFICATE_UNUSABLE`, thrown by the constructor; it is out of date, so that
 * nobody would let this node in: `GOSSIP_CERTIFICATE_EXPIRED`, when it begins to listen; it was to be replaced and the new one
 * cannot be used: `GOSSIP_CERTIFICATE_RELOAD_FAILED`, an event. The one in use stays in use.
 */
export class CertificateError extends GossipError {
  override readonly name = 'CertificateError'
  override readonly code:
    | 'GOSSIP_CERTIFICATE_UNUSABLE'
    | 'GOSSIP_CERTIFICATE_EXPIRED'
    | 'GOSSIP_CERTIFICATE_RELOAD_FAILED'

  constructor(code: CertificateError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
