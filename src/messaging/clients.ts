/** Who can be reached with messages: peers that a session leads to, and peers that one could be opened to. */

import type { PeerStatus } from '../core/index.ts'
import type { Lines, MessagingNode } from './lines.ts'

/** A node that can be reached. */
export interface ClientView {
  readonly id: string
  /** What gossip says of it; undefined for one that has a session and is not known otherwise. */
  readonly status: PeerStatus | undefined
  /** Whether there is a session with it. */
  readonly isConnected: boolean
}

/** All nodes that can be reached, in the order of their ids. O(peers). */
export function clientsOf(node: MessagingNode, lines: Lines): readonly ClientView[] {
  const { transport } = node
  const clients = new Map<string, ClientView>()
  for (const { session } of lines.all) {
    clients.set(session.remote.id, { id: session.remote.id, status: undefined, isConnected: true })
  }
  for (const { id, status, transport: address } of node.peers()) {
    const isConnected = clients.has(id)
    const isAlive = status === 'live' || status === 'unproven'
    const hasWay = address !== undefined && transport.canReach?.({ id, transport: address }) !== false
    if (isConnected || (isAlive && hasWay && transport.connect !== undefined))
      clients.set(id, { id, status, isConnected })
  }
  return [...clients.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
