export { DriverProcess } from './driver-process.ts'
export { EngineProcess } from './engine-process.ts'
export { FirstGenerationProcess } from './first-generation-process.ts'
export type {
  Arrival,
  Copy,
  HeldEntry,
  PeerFacts,
  Process,
  ProcessKind,
  ProcessSetup,
  ReadableEntry,
  RemovalFacts,
} from './process.ts'
