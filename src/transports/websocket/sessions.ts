/** The sessions of a WebSocket transport, each on a WebSocket of its own. */

import {
  GossipError,
  type Hello,
  type PeerRef,
  type SenderRef,
  type Session,
  TransportError,
} from '../../core/index.ts'
import { type Pipe, type ResolvedSessionOptions, SessionHub } from '../session/index.ts'
import { urlsOf } from './address.ts'
import type { Platform } from './socket.ts'
import { PIECE_BYTES_MAX, SESSION_SUBPROTOCOL, SocketPipe } from './socket-pipe.ts'

/** What sessions ask of their transport. */
export interface SessionsPorts {
  readonly platform: Platform
  introduction(): { readonly hello: Hello; readonly sender: SenderRef } | undefined
  onSession(session: Session): void
  tellError(error: Error): void
}

/** A hub whose pipes are WebSockets. */
export class Sessions {
  readonly #hub: SessionHub
  readonly #ports: SessionsPorts

  constructor(options: ResolvedSessionOptions, ports: SessionsPorts) {
    this.#ports = ports
    this.#hub = new SessionHub(options, {
      introduction: () => ports.introduction(),
      dial: (remote, signal) => this.#dial(remote, signal),
      addressKey: (address) => urlsOf(address)[0],
      onSession: (session) => ports.onSession(session),
      tellError: (error) => ports.tellError(error),
    })
  }

  /** The session with a peer, see `SessionHub.connect`. */
  connect(remote: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.#hub.connect(remote, options)
  }

  /** Takes a socket that somebody has opened for a session. */
  accept(pipe: Pipe): void {
    this.#hub.accept(pipe)
  }

  /** Ends them all. */
  close(): Promise<void> {
    return this.#hub.close()
  }

  async #dial(remote: PeerRef, signal: AbortSignal): Promise<Pipe> {
    const [url] = urlsOf(remote.transport)
    if (url === undefined) throw trouble(remote, new Error('the address has no url'))
    const pipe = new SocketPipe(this.#ports.platform.dial(url, SESSION_SUBPROTOCOL, PIECE_BYTES_MAX), () => {})
    const onAbort = (): void => pipe.destroy()
    signal.addEventListener('abort', onAbort)
    try {
      await pipe.opened()
      return pipe
    } catch (cause) {
      throw trouble(remote, cause)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

function trouble(peer: PeerRef, cause: unknown): GossipError {
  if (cause instanceof GossipError) return cause
  const problem = `the connection did not open: ${cause instanceof Error ? cause.message : String(cause)}`
  return new TransportError('GOSSIP_CONNECT_FAILED', problem, { peer, direction: 'outbound', cause })
}
