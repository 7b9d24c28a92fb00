export type { WorkerPart } from './handler-worker.ts'
export { type WorkerHandler, type WorkerSource, workerSource } from './options.ts'
export type { WorkerContext, WorkerFunction } from './orders.ts'
export { Workers } from './workers.ts'
