/** A web site on loopback with one page that loads the bundle, and a gossip node at the same server. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Gossipmonger } from '../../src/core/index.ts'
import { WebSocketTransport } from '../../src/transports/index.ts'
import { bundle } from './bundle.ts'

/** How often nodes here gossip, ms. */
export const INTERVAL_MS = 100
/** The cluster of these tests. */
export const CLUSTER_ID = 'tabs'

const HOST = '127.0.0.1'
const PATH = '/gossip'
const PAGE = '<!doctype html><meta charset="utf-8"><title>tab</title><script src="/bundle.js"></script>'

/** What the page loads: the exports of the package as `gossip`. */
export async function pageBundle(): Promise<string> {
  const contents = ['', '/transports', '/messaging']
    .map((entry) => `export * from 'gossipmonger-engine${entry}'`)
    .join(';')
  return (await bundle(contents, 'gossip')).text
}

/** The server and its node. */
export class Site {
  readonly node: Gossipmonger
  readonly transport: WebSocketTransport
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.transport = new WebSocketTransport({ server, path: PATH })
    this.node = new Gossipmonger(
      { id: 'site' },
      { transport: this.transport, clusterId: CLUSTER_ID, gossipIntervalMs: INTERVAL_MS },
    )
    // Pages come and go; that is no news.
    this.node.on('error', () => {})
  }

  /**
   * Opens one.
   *
   * @param port - 0 takes a free one
   */
  static async open(script: string, port: number = 0): Promise<Site> {
    const server = createServer((request, response) => {
      const isScript = request.url === '/bundle.js'
      response.writeHead(200, {
        'content-type': isScript ? 'text/javascript' : 'text/html',
        'cache-control': 'no-store',
      })
      response.end(isScript ? script : PAGE)
    })
    server.listen(port, HOST)
    await once(server, 'listening')
    const site = new Site(server)
    await site.node.start()
    return site
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** What pages open. */
  get pageUrl(): string {
    return `http://${HOST}:${this.port}/`
  }

  /** What they dial. */
  get gossipUrl(): string {
    return `ws://${HOST}:${this.port}${PATH}`
  }

  /** Closes the node, then the server; pages are not told goodbye. */
  async close(): Promise<void> {
    await this.node.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
