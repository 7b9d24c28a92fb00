export { parseWebSocketUrl, urlsOf } from './address.ts'
export type { Connection } from './connection.ts'
export { DiallingTransport, subprotocolOf, type WebSocketStats } from './dialling-transport.ts'
export {
  DIAL_OPTION_NAMES,
  type ResolvedWebSocketDialOptions,
  resolveDialFields,
  type WebSocketDialOptions,
} from './options.ts'
export type { Platform, Socket, SocketEnding, SocketOpener, SocketOwner } from './socket.ts'
export { WebSocketTransport } from './transport.ts'
