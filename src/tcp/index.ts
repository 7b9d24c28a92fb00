export { parseAddress, type TcpAddress } from './address.ts'
export type { TcpListenOptions, TcpOptions } from './options.ts'
export { type TcpStats, TcpTransport } from './transport.ts'
