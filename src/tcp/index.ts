export { parseAddress, type TcpAddress } from './address.ts'
export type { TcpListenOptions, TcpOptions } from './options.ts'
export type { TcpStats } from './stats.ts'
export {
  CertificateError,
  certificateNamesPeer,
  keyNamesPeer,
  type PeerIdRule,
  peerIdUri,
  type TlsOptions,
} from './tls/index.ts'
export { TcpTransport } from './transport.ts'
