export { CertificateError } from './certificate-error.ts'
export { type ResolvedTlsOptions, resolveTlsOptions, type TlsOptions } from './options.ts'
export { certificateNamesPeer, keyNamesPeer, type PeerIdRule, peerIdUri } from './peer-id-rules.ts'
export { Tls } from './tls.ts'
