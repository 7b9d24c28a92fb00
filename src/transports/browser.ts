/**
 * What browsers and workers load for `gossipmonger-engine/transports`: all of it that needs nothing but a modern
 * JavaScript runtime. The WebSocket transport is the one that only dials.
 */

export * from './bridge/index.ts'
export * from './codec/index.ts'
export * from './faults/index.ts'
export * from './memory/index.ts'
export * from './relay/index.ts'
export * from './session/index.ts'
export { TransportEmitter, type TransportEmitterOptions } from './transport-emitter.ts'
export {
  GossipWebSocketTransport,
  type WebSocketBrowserOptions,
  type WebSocketDialOptions,
  type WebSocketStats,
  WebSocketTransport,
} from './websocket/index.ts'
export * from './wire/index.ts'
