/** Which security a transport has, by its options. */

import type { ResolvedTcpOptions } from './options.ts'
import { PlainText } from './plain-text.ts'
import type { Security } from './security.ts'
import { Tls } from './tls/index.ts'

/**
 * The security of a transport. An address that nobody else can reach needs no protection; any other has to be asked for.
 *
 * @param tellError - told of certificates that cannot be used any more
 * @throws {InvalidOptionError} the host is no address of this machine alone, and neither TLS nor `plainText` was given
 * @throws {CertificateError} `GOSSIP_CERTIFICATE_UNUSABLE`
 */
export function securityOf({ tls, plainText, host }: ResolvedTcpOptions, tellError: (error: Error) => void): Security {
  const security = tls === undefined ? new PlainText(plainText) : new Tls(tls, tellError)
  security.assertMayListenAt(host)
  return security
}
