/**
 * What messages can travel on: networks of one node that others begin with, the hub, and of nodes that know it. Everything
 * runs over loopback, on ports that the system gives.
 */

import type { JsonValue, Transport } from '../../../src/core/index.ts'
import { TcpTransport } from '../../../src/tcp/index.ts'
import {
  BridgeTransport,
  MemoryNetwork,
  RelayTransport,
  UdpTransport,
  WebSocketTransport,
} from '../../../src/transports/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'

/** How a node takes part. */
export interface Place {
  readonly id: string
  /** Where the hub is; undefined for the hub itself. */
  readonly hub: JsonValue | undefined
  /** The address it had in a former life. */
  readonly former: JsonValue | undefined
}

/** A way for messages. */
export interface Carrier {
  readonly name: string
  /** Whether two nodes that are not the hub can have a session. */
  readonly joinsPeers: boolean
  make(place: Place): Transport
}

const HOST = '127.0.0.1'

const portOf = (former: JsonValue | undefined): number => {
  const { port, url } = Object(former) as { readonly port?: number; readonly url?: string }
  return port ?? (url === undefined ? 0 : Number(new URL(url).port))
}

/** Nodes of one process. */
export function memoryCarrier(): Carrier {
  const network = new MemoryNetwork()
  return { name: 'memory', joinsPeers: true, make: ({ id }) => network.transport(id) }
}

/** Everybody listens. */
export function tcpCarrier(): Carrier {
  const make = ({ former }: Place): Transport => new TcpTransport({ host: HOST, port: portOf(former) })
  return { name: 'tcp', joinsPeers: true, make }
}

/** Everybody listens, and shows a certificate. */
export function tlsCarrier(): Carrier {
  const authority = new TestAuthority()
  const make = ({ id, former }: Place): Transport =>
    new TcpTransport({ host: HOST, port: portOf(former), tls: authority.tls(id) })
  return { name: 'mutual tls', joinsPeers: true, make }
}

/** The hub listens; the others dial it, as pages do. */
export function websocketCarrier(): Carrier {
  const make = ({ hub, former }: Place): Transport =>
    new WebSocketTransport(hub === undefined ? { host: HOST, port: portOf(former) } : {})
  return { name: 'websocket', joinsPeers: false, make }
}

/** The hub is a relay; the others only dial it, by the carrier below. */
export function relayCarrier(below: Carrier): Carrier {
  const make = (place: Place): Transport => {
    const { hub } = place
    return new RelayTransport({ carrier: below.make(place), relay: hub ?? true, retryDelayMs: 10, retryDelayMsMax: 50 })
  }
  return { name: `relay over ${below.name}`, joinsPeers: true, make }
}

/** Everybody has TCP and WebSocket, and datagrams over UDP. */
export function bridgeCarrier(): Carrier {
  const [tcp, websocket] = [tcpCarrier(), websocketCarrier()]
  const make = (place: Place): Transport => {
    const { first, also } = addressesOf(place.former)
    return new BridgeTransport([
      tcp.make({ ...place, former: first }),
      websocket.make({ ...place, hub: undefined, former: also[0] }),
      udpCarrier().make({ ...place, former: also[1] }),
    ])
  }
  return { name: 'bridge', joinsPeers: true, make }
}

/** Packets, and no sessions. */
export function udpCarrier(): Carrier {
  const make = ({ former }: Place): Transport => new UdpTransport({ host: HOST, port: portOf(former) })
  return { name: 'udp', joinsPeers: false, make }
}

function addressesOf(former: JsonValue | undefined): { first: JsonValue | undefined; also: readonly JsonValue[] } {
  const { also } = Object(former) as { readonly also?: readonly JsonValue[] }
  return { first: former, also: also ?? [] }
}
