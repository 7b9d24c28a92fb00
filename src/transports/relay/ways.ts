/** Which way leads to a peer: his own relay or another, our own clients, the carrier, or the way he wrote to us. */

import type { JsonValue, PeerRef, Transport } from '../../core/index.ts'
import { addressesOf } from '../wire/index.ts'
import type { RelayLink } from './link.ts'
import { addressKey, findRelayAddress, hasAddress, parseRelayAddress } from './relay-address.ts'
import type { RelayServer } from './server.ts'

/** A way to a peer. */
export type Way =
  /** He can be dialled, or is connected. */
  | { readonly kind: 'carrier' }
  /** He is the node of our own relay. */
  | { readonly kind: 'relay node'; readonly link: RelayLink }
  /** He is registered with our own relay server. */
  | { readonly kind: 'own client'; readonly id: string }
  /** He is behind a relay that this node is registered with. */
  | { readonly kind: 'link'; readonly link: RelayLink; readonly id: string }
  /** He is behind another relay, which may have to be dialled. */
  | { readonly kind: 'visit'; readonly relay: JsonValue; readonly id: string }
  /** He cannot be reached at the moment. */
  | { readonly kind: 'none'; readonly code: string; readonly problem: string }

/** What is there to choose from. */
export interface WayPorts {
  readonly carrier: Transport
  /** The own relay's address, where there is one. */
  readonly home: JsonValue | undefined
  readonly relaysMax: number
  /** The present registration with the own relay. */
  homeLink(): RelayLink | undefined
  readonly server: RelayServer | undefined
  /** The link that a peer last wrote on. */
  wayBack(id: string): RelayLink | undefined
}

/**
 * Chooses. What is direct comes first, but for the own relay's node: the registration is a connection with it already.
 */
export function findWay(peer: PeerRef, ports: WayPorts): Way {
  const { home, server } = ports
  const link = ports.homeLink()
  if (home !== undefined && link?.hasNode === true && isRelayNode(peer, link)) return { kind: 'relay node', link }
  if (isDirect(peer, ports.carrier)) return { kind: 'carrier' }
  const behind = findRelayAddress(peer.transport)
  if (behind !== undefined) return wayBehind(behind.relay, behind.id, ports)
  if (peer.id !== undefined) {
    if (server?.has(peer.id) === true) return { kind: 'own client', id: peer.id }
    const back = ports.wayBack(peer.id)
    if (back?.isOpen === true) return { kind: 'link', link: back, id: peer.id }
  }
  return { kind: 'carrier' }
}

function wayBehind(relay: JsonValue, id: string, ports: WayPorts): Way {
  const { carrier, home, server, relaysMax } = ports
  if (server?.has(id) === true) return { kind: 'own client', id }
  const own = carrier.address
  if (server !== undefined && own !== undefined && hasAddress(own, relay)) {
    return { kind: 'none', code: 'GOSSIP_RELAY_CLIENT_UNKNOWN', problem: 'nobody is registered here under this id' }
  }
  if (home !== undefined && addressKey(home) === addressKey(relay)) {
    const link = ports.homeLink()
    if (link !== undefined) return { kind: 'link', link, id }
    return { kind: 'none', code: 'GOSSIP_RELAY_LOST', problem: 'there is no registration with the relay' }
  }
  if (relaysMax > 0) return { kind: 'visit', relay, id }
  return { kind: 'none', code: 'GOSSIP_RELAY_LIMIT', problem: 'this node dials no other relays: relaysMax is 0' }
}

/** Until the relay has said who it is, its address is all there is to go by. */
function isRelayNode({ id, transport }: PeerRef, link: RelayLink): boolean {
  const relayId = link.session?.remote.id
  if (id !== undefined && relayId !== undefined) return id === relayId
  return hasAddress(transport, link.relay)
}

/** Who does not say what he can reach is taken to reach whatever is no address behind a relay. */
function isDirect(peer: PeerRef, carrier: Transport): boolean {
  if (carrier.canReach !== undefined) return carrier.canReach(peer)
  return addressesOf(peer.transport).some((address) => parseRelayAddress(address) === undefined)
}
