/** Which security a transport has, by its options. */

import type { ResolvedTcpOptions } from './options.ts'
import { PlainText } from './plain-text.ts'
import type { Security } from './security.ts'
import { Tls } from './tls/index.ts'

/**
 * Makes it. An address that nobody else can reach needs no protection; any other has to be asked for.
 *
 * @throws {InvalidOptionError} the advertised host is no address of this machine alone, and neither `tls` nor `plainText` was given
 */
export function createSecurity(
  { tls, plainText, host }: ResolvedTcpOptions,
  tellError: (error: Error) => void,
): Security {
  const security = tls === undefined ? new PlainText(plainText) : new Tls(tls, tellError)
  security.assertMayListenAt(host)
  return security
}
