export * from './anywhere.ts'
export type { DuplexOptions } from './duplex.ts'
export { Messenger, type StreamListener } from './messenger.ts'
export type { WorkerContext, WorkerFunction, WorkerHandler } from './workers/index.ts'
