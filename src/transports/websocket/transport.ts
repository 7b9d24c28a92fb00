/** The WebSocket transport of browsers and workers: it dials, and is answered on the connections it opened. */

import { browserPlatform } from './browser-socket.ts'
import { DiallingTransport } from './dialling-transport.ts'
import { resolveWebSocketDialOptions, type WebSocketDialOptions } from './options.ts'

/**
 * Gossip over the platform's own `WebSocket`. It has no address: others find it by its id while it is connected.
 * Codes of its errors: `GOSSIP_CONNECT_FAILED`, `GOSSIP_CONNECTION_LOST`, `GOSSIP_HANDSHAKE_TIMEOUT`,
 * `GOSSIP_FRAME_TOO_LARGE`, `GOSSIP_MESSAGE_MALFORMED`, `GOSSIP_SENDER_UNKNOWN`, `GOSSIP_CLUSTER_FOREIGN`,
 * `GOSSIP_PROTOCOL_UNSUPPORTED`, `GOSSIP_ADDRESS_MALFORMED`, `GOSSIP_QUEUE_FULL`, `GOSSIP_LISTENER_THREW`.
 * None of them ends the transport.
 */
export class WebSocketTransport extends DiallingTransport {
  /**
   * @param options - limits and the codec
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range
   */
  constructor(options?: WebSocketDialOptions) {
    super(resolveWebSocketDialOptions(options), browserPlatform)
  }
}
