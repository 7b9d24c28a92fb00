export { Chaos, type Commands } from './chaos.ts'
export { FAULT_KINDS, type FaultOptions, type Lasting, type Repeated, resolveFaultOptions } from './options.ts'
