/** Certificates for tests: authorities of their own, and nodes in every state that matters. */

import { type KeyKind, makeAuthority, makeNodeCertificate, type PemPair } from '../../src/agent/keygen/index.ts'
import type { TlsOptions } from '../../src/tcp/index.ts'

const DAY_MS = 86_400_000

/** An authority, and what it signs. */
export class TestAuthority {
  readonly pair: PemPair
  readonly #kind: KeyKind

  /** @param kind - of all its keys */
  constructor(name: string = 'test', kind: KeyKind = 'ed25519') {
    this.#kind = kind
    this.pair = makeAuthority({ name, days: 2, kind })
  }

  /** Its certificate. */
  get ca(): string {
    return this.pair.certificate
  }

  /** A certificate and key for an id. */
  issue(id: string, kind: KeyKind = this.#kind): PemPair {
    return makeNodeCertificate(this.pair, { name: id, days: 1, kind })
  }

  /** One that ended yesterday. */
  issueExpired(id: string): PemPair {
    return makeNodeCertificate(this.pair, { name: id, days: 1, kind: this.#kind, startsAtMs: Date.now() - 2 * DAY_MS })
  }

  /** The option `tls` of a node. */
  tls(id: string, kind: KeyKind = this.#kind): TlsOptions {
    return this.tlsOf(this.issue(id, kind))
  }

  /** The option `tls` of a pair, whoever signed it. */
  tlsOf({ certificate, key }: PemPair): TlsOptions {
    return { ca: this.ca, cert: certificate, key }
  }
}
