export { Agent, type AgentPlan } from './agent.ts'
export { type Happening, happeningJson, happeningText } from './happening.ts'
export { RepeatedErrors, type ToldError } from './repeated-errors.ts'
export { Suspicion, type SuspicionSource } from './suspicion.ts'
