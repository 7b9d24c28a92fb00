/** The TLS options of this project in the form that the runtime takes. */

import type { SecureContextOptions } from 'node:tls'
import type { WebSocketTlsOptions } from './options.ts'

type Pem = string | Uint8Array

/** What is said, and only that: the runtime takes undefined for something that was said. */
export function tlsContext({ cert, key, passphrase, ca }: WebSocketTlsOptions): SecureContextOptions {
  const context: SecureContextOptions = {}
  if (cert !== undefined) context.cert = asBytes(cert)
  if (key !== undefined) context.key = asBytes(key)
  if (passphrase !== undefined) context.passphrase = passphrase
  if (ca !== undefined) context.ca = (Array.isArray(ca) ? (ca as readonly Pem[]) : [ca as Pem]).map(asBytes)
  return context
}

function asBytes(pem: Pem): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem)
}
