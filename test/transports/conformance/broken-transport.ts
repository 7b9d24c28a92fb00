/** What a deliberately broken transport is: the plain one with a single fault, and the case that has to find it. */

import type { JsonValue } from '../../../src/core/index.ts'
import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import type { PlainListener, PlainNetwork } from './plain-transport.ts'

/** One of them. */
export interface BrokenTransport {
  /** What it does wrong, as it would stand after "a transport that". */
  readonly fault: string
  /** The case that must fail. */
  readonly found: string
  /** What the failure must say. */
  readonly says: RegExp
  readonly broken: new (network: PlainNetwork, address?: JsonValue) => PlainListener
  /** Fields of the fixture that differ. */
  readonly fixture?: Partial<ConformanceFixture>
}
