export type { Violation, ViolationKind } from './checkers/index.ts'
export type { Distribution } from './distribution.ts'
export { NotReachedError, SimulatedPeerError, shownViolation, ViolationError } from './errors.ts'
export { FAULT_KINDS, type FaultOptions, type Lasting, type Repeated } from './faults/index.ts'
export type { LiveOutcome, LiveRunOptions } from './live/index.ts'
export type { Figures, SpreadFigures } from './measure/index.ts'
export type { NetworkOptions, PeerSpec, SimulationOptions } from './options.ts'
export { runScenario } from './run-scenario.ts'
export {
  type Counterexample,
  describeScenario,
  type Exploration,
  type ExploreOptions,
  exploreScenarios,
  type PeerNumber,
  parseReplay,
  type Scenario,
  type ScenarioEngine,
  type ScenarioLimits,
  type ScenarioNetwork,
  type ScenarioOutcome,
  type SimulateScenarioOptions,
  STEP_KINDS,
  type Step,
  scenarios,
  simulateScenario,
} from './scenario/index.ts'
export * from './services/index.ts'
export { Simulation } from './simulation.ts'
export type { SimulationStats } from './stats.ts'
export type { DiskFate, MachineStatus, NetworkConditions, NetworkStats, TraceSink } from './world/index.ts'
