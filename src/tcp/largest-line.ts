/** What gives way when unfinished messages hold too much memory together. */

import { TransportError } from '../core/index.ts'
import type { Connection } from './connection.ts'

/**
 * Drops the connection whose unfinished message is the largest, and tells why.
 *
 * @param inboundBytesMax - the limit that was passed, for the message
 */
export function dropLargestLine(connections: readonly Connection[], inboundBytesMax: number): void {
  let largest: Connection | undefined
  for (const connection of connections) {
    if (connection.pendingBytes > (largest?.pendingBytes ?? 0)) largest = connection
  }
  const problem = `unfinished messages hold over ${inboundBytesMax} bytes, and this one most of them`
  largest?.fail(new TransportError('GOSSIP_BUFFER_FULL', problem, { peer: largest.peer, direction: 'inbound' }))
}
