export { parseAddress, type TcpAddress } from './address.ts'
export type { TcpListenOptions, TcpOptions } from './options.ts'
export type { TcpStats } from './stats.ts'
export { TcpTransport } from './transport.ts'
