/** How the kit says that a transport breaks the contract: what was expected, what came, and where to read about it. */

import { GossipError } from '../../core/index.ts'

/** Headings of the guide, one per part of the contract. */
export const SECTIONS = [
  'Delivery',
  'Isolation',
  'Limits',
  'Errors',
  'Lifecycle',
  'Listeners',
  'Hello',
  'Rpc',
  'Diallers',
  'Sessions',
  'Bulk',
  'A whole cluster',
] as const

/** One of {@link SECTIONS}. */
export type Section = (typeof SECTIONS)[number]

/** Where the sections stand, below the root of the package. */
export const GUIDE = 'docs/WRITING-A-TRANSPORT.md'

/** A transport broke the contract. The case it happened in has ended; its transports were closed. */
export class ConformanceError extends GossipError {
  override readonly name = 'ConformanceError'
  override readonly code = 'GOSSIP_CONFORMANCE_FAILED'
  /** The part of the contract, a heading of {@link GUIDE}. */
  readonly section: Section
  readonly expected: string
  readonly actual: string

  constructor(section: Section, expected: string, actual: string, cause?: unknown) {
    super(`expected ${expected}; ${actual} (see "${section}" in ${GUIDE})`, cause === undefined ? undefined : { cause })
    this.section = section
    this.expected = expected
    this.actual = actual
  }
}
