export { disagreements } from './agreement.ts'
export type { Checker, Report, Violation, ViolationKind } from './checker.ts'
export { createCheckers, createStateCheckers } from './create-checkers.ts'
export { FalseDeathChecker } from './false-death.ts'
