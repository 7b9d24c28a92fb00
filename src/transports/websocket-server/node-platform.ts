/** How WebSockets are dialled on Node: with the certificates given, and in plain text only where that may be. */

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { WebSocket } from 'ws'
import { TransportError } from '../../core/index.ts'
import { isLoopbackHost } from '../loopback/index.ts'
import type { Platform, Socket, SocketOwner } from '../websocket/index.ts'
import { loopbackLookup } from './loopback-lookup.ts'
import { NodeSocket } from './node-socket.ts'
import type { WebSocketTlsOptions } from './options.ts'
import { tlsContext } from './tls-context.ts'

/** What dialling depends on. */
export interface DialOptions {
  readonly tls: WebSocketTlsOptions | undefined
  readonly plainText: boolean
}

/** The header by which a server says why it refuses a connection. */
export const REFUSAL_HEADER = 'x-gossipmonger-error'

/** Reasons of refusal that are passed on under their own code. */
const PASSED_ON: readonly unknown[] = ['GOSSIP_CODEC_UNSUPPORTED', 'GOSSIP_CONNECTION_LIMIT', 'GOSSIP_ORIGIN_REFUSED']

const FIXED = Object.freeze({ perMessageDeflate: false, followRedirects: false })

/**
 * Dials from Node.
 *
 * @param options - what is shown and believed under TLS; whether `ws:` may leave this machine
 */
export function nodePlatform({ tls, plainText }: DialOptions): Platform {
  const context = tls === undefined ? {} : tlsContext(tls)
  return {
    dial: (url, subprotocol, messageBytesMax) => (owner) => {
      const { protocol, hostname } = new URL(url)
      const isLimited = protocol === 'ws:' && !plainText && !isLoopbackHost(hostname)
      // An address is connected to without a look-up; a name may mean this machine.
      if (isLimited && isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) {
        return refusedSocket(owner, plainTextRefusal(hostname))
      }
      const lookup = loopbackLookup((found) => plainTextRefusal(`${hostname} (${found.join(', ')})`))
      const options = { ...context, ...(isLimited ? { lookup } : {}), ...FIXED, maxPayload: messageBytesMax }
      const socket = new WebSocket(url, subprotocol, options)
      let refusal: Error | undefined
      const wrapped = new NodeSocket(socket, owner, { maskBytes: 0, refusal: () => refusal })
      socket.on('upgrade', (response) => {
        // Not before it is open: whoever listens for data first gets what came with the answer, and nobody else does.
        socket.once('open', () => wrapped.watch(response.socket))
      })
      socket.on('open', () => owner.onOpen())
      socket.on('unexpected-response', (_, response) => {
        refusal = refusalOf(response)
        socket.terminate()
      })
      return wrapped
    },
  }
}

/** Why plain text is not sent to a host. */
function plainTextRefusal(host: string): Error {
  const way = 'use wss:, or plainText: true where the network is trusted'
  const problem = `${host} is another machine, and ws: is plain text: ${way}`
  return new TransportError('GOSSIP_PLAIN_TEXT_REFUSED', problem, { direction: 'outbound' })
}

/** A socket that was never opened. */
function refusedSocket(owner: SocketOwner, error: Error): Socket {
  queueMicrotask(() => owner.onClosed({ code: 1_006, reason: '', error }))
  const nothing = (): void => {}
  return {
    bufferedBytes: 0,
    send: nothing,
    ping: nothing,
    pause: nothing,
    resume: nothing,
    close: nothing,
    destroy: nothing,
  }
}

function refusalOf({ statusCode, headers }: IncomingMessage): Error {
  const code = headers[REFUSAL_HEADER]
  const problem = `the server refused the connection: ${statusCode}${typeof code === 'string' ? `, ${code}` : ''}`
  if (!PASSED_ON.includes(code)) return new Error(problem)
  return new TransportError(code as string, problem, { direction: 'outbound' })
}
