/** The transport of pages that gossip and do nothing else: a quarter less to load. */

import { browserPlatform } from './browser-socket.ts'
import { DiallingTransport } from './dialling-transport.ts'
import { resolveWebSocketDialOptions, type WebSocketDialOptions } from './options.ts'

/** The `WebSocketTransport` of browsers without its sessions, so that a bundler can leave out what those are made of. */
export class GossipWebSocketTransport extends DiallingTransport {
  /**
   * @param options - limits and the codec
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range
   */
  constructor(options?: WebSocketDialOptions) {
    super(resolveWebSocketDialOptions(options), browserPlatform)
  }
}
