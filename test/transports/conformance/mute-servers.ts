/** Servers that accept connections and never read from them. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

const HOST = '127.0.0.1'

/** Any number of them, on free ports of the loopback interface. */
export class MuteServers {
  readonly #servers: Server[] = []
  readonly #sockets: Socket[] = []

  /** @returns the port of a new one */
  async open(): Promise<number> {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => {})
      this.#sockets.push(socket)
    })
    this.#servers.push(server)
    server.listen(0, HOST)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  /** Drops all of them. */
  async close(): Promise<void> {
    for (const socket of this.#sockets.splice(0)) socket.destroy()
    await Promise.all(this.#servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  }
}
