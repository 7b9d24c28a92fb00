export { parseAddress, type TcpAddress } from './address.ts'
export { isLoopbackHost } from './loopback.ts'
export type { TcpListenOptions, TcpOptions } from './options.ts'
export {
  CertificateError,
  certificateNamesPeer,
  keyNamesPeer,
  type PeerIdRule,
  peerIdUri,
  type TlsOptions,
} from './tls/index.ts'
export { type TcpStats, TcpTransport } from './transport.ts'
