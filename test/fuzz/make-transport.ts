/** The transports of the nodes that are fuzzed, with bounds that a storm reaches within seconds. */

import { TcpTransport } from '../../src/tcp/index.ts'
import { UdpTransport, WebSocketTransport } from '../../src/transports/index.ts'
import type { Wire } from './corpus.ts'

/** Nobody is kept out, or the storm would soon be over: what gets through is the point. */
const NEVER = 2 ** 30

/**
 * Makes one that listens on a free port of this machine.
 *
 * @param advertisedPort - where others are told to reach it; left out, where it listens
 */
export function makeTransport(wire: Wire): TcpTransport | UdpTransport | WebSocketTransport {
  const host = '127.0.0.1'
  if (wire === 'udp') return new UdpTransport({ host, port: 0 })
  if (wire === 'websocket') return new WebSocketTransport({ host, port: 0 })
  return new TcpTransport({ host, port: 0, offencePointsMax: NEVER, handshakeTimeoutMs: 2_000, frameBytesMax: 2 ** 20 })
}
