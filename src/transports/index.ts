export { IsolatingEmitter } from './isolating-emitter.ts'
export * from './memory/index.ts'
export { TransportEmitter } from './transport-emitter.ts'
export * from './wire/index.ts'
