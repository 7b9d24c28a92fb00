/** WebSocket transports at free ports of the loopback interface, listening and dialling. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { isPlainObject, type JsonValue } from '../../../src/core/index.ts'
import type { Capabilities, ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { type WebSocketDialOptions, WebSocketTransport } from '../../../src/transports/index.ts'
import type { Platform } from '../../../src/transports/websocket/index.ts'
import { MuteServers } from './mute-servers.ts'

const QUEUE_BYTES_MAX = 4_194_304
const HOST = '127.0.0.1'

/** Options under which the kit is quick. */
export const LIMITS: WebSocketDialOptions = Object.freeze({
  messageBytesMax: 1_048_576,
  queueBytesMax: QUEUE_BYTES_MAX,
  outboundBytesMax: 2 * QUEUE_BYTES_MAX,
})

/** What WebSocket transports can do. */
export const CAPABILITIES: Capabilities = Object.freeze({
  listens: true,
  addressable: true,
  canReopen: false,
  diallers: true,
  // Of two connections that were dialled at once one is given up, and what comes on the other may be read first.
  ordered: false,
  limited: true,
  reportsUnreachable: true,
  rpc: true,
  hello: true,
  newestWins: true,
  sessions: true,
})

/**
 * Transports of this project on Node.
 *
 * @param dialling - what dials, in place of Node's own
 */
export function websocketFixture(dialling?: Platform): ConformanceFixture {
  const mutes = new MuteServers()
  return {
    name: 'websocket',
    capabilities: CAPABILITIES,
    createTransport: ({ role, address }) =>
      new WebSocketTransport(role === 'dialler' ? LIMITS : { ...LIMITS, ...place(address) }, dialling),
    malformedAddresses: [null, 7, {}, [], 'nowhere', 'http://127.0.0.1:1/', { url: 'ws://' }, { url: 'ws://a b/' }],
    silentAddress: async () => ({ url: `ws://${HOST}:${await mutes.open()}/` }),
    injectGarbage: (address, bytes) => injectGarbage(urlOf(address), bytes),
    queueBytesMax: 2 * QUEUE_BYTES_MAX,
    close: () => mutes.close(),
  }
}

/** Where a transport is to listen. */
export function place(address: JsonValue | undefined): { host: string; port: number } {
  return { host: HOST, port: address === undefined ? 0 : Number(urlOf(address).port) }
}

/** The url of an address. */
export function urlOf(address: JsonValue): URL {
  return new URL(isPlainObject(address) ? String(address['url']) : String(address))
}

/** Sends bytes where HTTP is expected, then as a binary message, then as text as far as they are that. */
export async function injectGarbage(url: URL, bytes: Uint8Array): Promise<void> {
  const socket = connect({ port: Number(url.port), host: url.hostname })
  socket.on('error', () => {}) // To be dropped is a fair answer to garbage.
  socket.resume()
  socket.end(bytes)
  await once(socket, 'close')
  for (const isBinary of [true, false]) await sendMessage(url, bytes, isBinary)
}

async function sendMessage(url: URL, bytes: Uint8Array, isBinary: boolean): Promise<void> {
  const socket = new WebSocket(url, 'gossipmonger.json')
  socket.on('error', () => {})
  socket.on('open', () => {
    socket.send(bytes, { binary: isBinary })
    socket.close()
  })
  await new Promise((resolve) => socket.on('close', resolve))
}
