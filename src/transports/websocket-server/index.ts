export type { WebSocketOptions, WebSocketTlsOptions } from './options.ts'
export { type WebSocketServerStats, WebSocketTransport } from './transport.ts'
