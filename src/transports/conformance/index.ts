export type { Capabilities } from './capabilities.ts'
export type { ConformanceCase, Need, SkippedCase } from './case.ts'
export { conformanceCases, skippedCases } from './conformance-cases.ts'
export { ConformanceError, type Section } from './conformance-error.ts'
export { type AddressSource, type ConformanceFixture, isFixture, type TransportRequest } from './fixture.ts'
export {
  type ConformanceOptions,
  type ConformanceReport,
  type ConformanceResult,
  runConformance,
} from './run-conformance.ts'
export type { PlayOptions } from './scene.ts'
