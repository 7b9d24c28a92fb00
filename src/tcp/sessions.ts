/**
 * The sessions of a TCP transport. Each is a connection of its own, apart from the gossip: those that others open come
 * from the listener, once their first bytes have shown what they are for, and count among its connections.
 */

import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { assert, type Hello, type JsonValue, type PeerRef, type SenderRef, type Session } from '../core/index.ts'
import { type Pipe, type ResolvedSessionOptions, SessionHub } from '../transports/index.ts'
import { addressKey, findAddress } from './address.ts'
import { SOCKET_BYTES_MAX } from './connection.ts'
import type { Security } from './security.ts'
import { SessionPipe } from './session-pipe.ts'

/** What sessions ask of their transport. */
export interface TcpSessionPorts {
  introduction(): { readonly hello: Hello; readonly sender: SenderRef } | undefined
  tellSession(session: Session): void
  tellError(error: Error): void
}

/** Where an accepted socket comes from. */
export interface SessionOrigin {
  readonly peer: PeerRef | undefined
  readonly peerCertificate: X509Certificate | undefined
}

/** Dials and accepts the connections of sessions. */
export class TcpSessions {
  readonly #hub: SessionHub
  readonly #security: Security

  constructor(limits: ResolvedSessionOptions, security: Security, ports: TcpSessionPorts) {
    this.#security = security
    this.#hub = new SessionHub(limits, {
      introduction: () => ports.introduction(),
      dial: (remote, signal) => this.#dial(remote, signal),
      addressKey: (transport) => keyOf(transport),
      onSession: (session) => ports.tellSession(session),
      tellError: (error) => ports.tellError(error),
    })
  }

  /** See `SessionHub.connect`. */
  connect(remote: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.#hub.connect(remote, options)
  }

  /** Takes a socket that somebody else has opened for a session, with what was read from it. */
  accept(socket: Socket, head: Uint8Array, { peer, peerCertificate }: SessionOrigin): void {
    const facts = { direction: 'inbound', peer, security: this.#security, certificate: peerCertificate } as const
    this.#hub.accept(new SessionPipe(socket, facts), head)
  }

  /** Ends all of them. Resolves when their sockets are closed. */
  close(): Promise<void> {
    return this.#hub.close()
  }

  async #dial(remote: PeerRef, signal: AbortSignal): Promise<Pipe> {
    const address = findAddress(remote.transport)
    assert(address !== undefined, 'the hub dials addresses that have a key')
    const socket = this.#security.dial(address, SOCKET_BYTES_MAX)
    const pipe = new SessionPipe(socket, { direction: 'outbound', peer: remote, security: this.#security })
    const onAbort = (): void => pipe.destroy()
    signal.addEventListener('abort', onAbort)
    try {
      await pipe.opened()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    return pipe
  }
}

function keyOf(transport: JsonValue): string | undefined {
  const address = findAddress(transport)
  return address === undefined ? undefined : addressKey(address)
}
