export { type ServiceScenarioLimits, serviceScenarios } from './arbitraries.ts'
export { describeServiceScenario } from './describe.ts'
export {
  exploreServiceScenarios,
  type ServiceCounterexample,
  type ServiceExploration,
  type ServiceExploreOptions,
} from './explore.ts'
export type { ServiceFigure, ServiceFigures } from './journal.ts'
export type { ServiceLife } from './life.ts'
export {
  runServiceScenario,
  type ServiceDoor,
  type ServiceOutcome,
  type ServiceRunOptions,
} from './run-service-scenario.ts'
export { SERVICE_STEP_KINDS, type ServiceScenario, type ServiceStep } from './scenario.ts'
