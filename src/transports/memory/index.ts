export { MemoryNetwork } from './network.ts'
export type { MemoryNetworkOptions, MemoryWay } from './options.ts'
export type { Traffic } from './traffic.ts'
export type { MemoryTransport } from './transport.ts'
