/** How the kit says that a storage breaks the contract: what was expected, and what came. */

import { GossipError } from '../../core/index.ts'

/** A storage broke the contract. The case it happened in has ended; its storages were closed. */
export class StorageCaseError extends GossipError {
  override readonly name = 'StorageCaseError'
  override readonly code = 'GOSSIP_CONFORMANCE_FAILED'
  readonly expected: string
  readonly actual: string

  constructor(expected: string, actual: string, cause?: unknown) {
    super(`expected ${expected}; ${actual}`, cause === undefined ? undefined : { cause })
    this.expected = expected
    this.actual = actual
  }
}
