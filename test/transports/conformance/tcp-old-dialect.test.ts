/** A TCP transport that was never introduced: one connection a message, as the first generation does it. */

import { suite } from 'uvu'
import { addConformanceTests } from '../../harness/conformance.ts'
import { tcpFixture } from './fixtures.ts'

const oldDialect = suite('conformance: tcp, old dialect')

const { capabilities, ...tcp } = tcpFixture()

// Ten thousand connections would use up half of the machine's ports for a minute.
const isFrugal = (name: string): boolean => !name.startsWith('soak')

addConformanceTests(
  oldDialect,
  { ...tcp, capabilities: { ...capabilities, hello: false, sessions: false, bulk: false } },
  isFrugal,
)

oldDialect.run()
