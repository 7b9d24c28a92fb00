export { type LiveOutcome, type LiveRunOptions, runLive } from './run-live.ts'
