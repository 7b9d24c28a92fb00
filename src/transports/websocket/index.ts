export { parseWebSocketUrl, urlsOf } from './address.ts'
export { browserPlatform } from './browser-socket.ts'
export type { Connection } from './connection.ts'
export { DiallingTransport, subprotocolOf, type WebSocketStats } from './dialling-transport.ts'
export { GossipWebSocketTransport } from './gossip-transport.ts'
export {
  DIAL_OPTION_NAMES,
  type ResolvedWebSocketDialOptions,
  resolveDialFields,
  type WebSocketDialOptions,
} from './options.ts'
export { Sessions } from './sessions.ts'
export type { Platform, Socket, SocketEnding, SocketOpener, SocketOwner } from './socket.ts'
export { PIECE_BYTES_MAX, SESSION_SUBPROTOCOL, SocketPipe } from './socket-pipe.ts'
export { type WebSocketBrowserOptions, WebSocketTransport } from './transport.ts'
