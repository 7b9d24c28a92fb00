export * from './faults/index.ts'
export * from './memory/index.ts'
export { TransportEmitter, type TransportEmitterOptions } from './transport-emitter.ts'
export * from './wire/index.ts'
