/** The WebSocket transport of browsers and workers: it dials, and is answered on the connections it opened. */

import { looseOptions, type PeerRef, type Session } from '../../core/index.ts'
import { resolveSessionOptions, type SessionOptions } from '../session/index.ts'
import { browserPlatform } from './browser-socket.ts'
import { DiallingTransport } from './dialling-transport.ts'
import { DIAL_OPTION_NAMES, resolveDialFields, type WebSocketDialOptions } from './options.ts'
import { Sessions } from './sessions.ts'

/** What the transport of a browser can be told. */
export interface WebSocketBrowserOptions extends WebSocketDialOptions {
  /** Limits of sessions. */
  session?: SessionOptions | undefined
}

/**
 * Gossip over the platform's own `WebSocket`. It has no address: others find it by its id while it is connected.
 * Codes of its errors: `GOSSIP_CONNECT_FAILED`, `GOSSIP_CONNECTION_LOST`, `GOSSIP_HANDSHAKE_TIMEOUT`,
 * `GOSSIP_FRAME_TOO_LARGE`, `GOSSIP_MESSAGE_MALFORMED`, `GOSSIP_SENDER_UNKNOWN`, `GOSSIP_CLUSTER_FOREIGN`,
 * `GOSSIP_PROTOCOL_UNSUPPORTED`, `GOSSIP_ADDRESS_MALFORMED`, `GOSSIP_QUEUE_FULL`, `GOSSIP_LISTENER_THREW`.
 * None of them ends the transport.
 */
export class WebSocketTransport extends DiallingTransport {
  readonly #sessions: Sessions

  /**
   * @param options - limits and the codec
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range
   */
  constructor(options?: WebSocketBrowserOptions) {
    const given = looseOptions(options, 'options', [...DIAL_OPTION_NAMES, 'session'])
    super(resolveDialFields(given), browserPlatform)
    this.#sessions = new Sessions(resolveSessionOptions(options?.session, 'session'), {
      platform: browserPlatform,
      introduction: () => this.introduction(),
      onSession: (session) => void this.emit('session', session),
      tellError: (error) => this.tellError(error),
    })
  }

  /**
   * The session with a peer, on a WebSocket of its own: the one there is, or a new one.
   *
   * @throws {TransportError} as a rejection: the peer cannot be reached, refuses, or is not who it was taken for
   * @throws {LifecycleError} as a rejection: `GOSSIP_ABORTED`; `GOSSIP_NODE_NOT_STARTED`, the transport was not
   *   introduced; `GOSSIP_NODE_CLOSED`
   */
  connect(remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.#sessions.connect(remotePeer, options)
  }

  protected override closeSessions(): Promise<void> {
    return this.#sessions.close()
  }
}
