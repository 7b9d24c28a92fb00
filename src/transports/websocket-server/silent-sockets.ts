/**
 * Sockets at a server of our own that have not asked for a WebSocket yet. They are few and short-lived, or somebody holds
 * them open: the oldest gives way. (That none outlives the handshake's deadline is the server's own business.)
 */

import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Most of them at once. */
const SOCKETS_MAX = 256

/** Keeps them few. */
export class SilentSockets {
  /** By where they come from: under TLS the request has another socket object, of the same origin. */
  readonly #sockets = new Map<string, Socket>()

  /** @param server - one of our own, of which every socket is ours */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => this.#add(socket))
  }

  /** A socket has asked for a WebSocket. */
  forget(socket: Socket): void {
    this.#sockets.delete(originOf(socket))
  }

  /** Drops them all. */
  destroyAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
  }

  #add(socket: Socket): void {
    const origin = originOf(socket)
    const [oldest] = this.#sockets.values()
    if (this.#sockets.size >= SOCKETS_MAX) oldest?.destroy()
    this.#sockets.set(origin, socket)
    socket.once('close', () => {
      if (this.#sockets.get(origin) === socket) this.#sockets.delete(origin)
    })
  }
}

function originOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
