/** What all connections and queues of a transport hold together, in either direction, and who gives way when it is too much. */

import { TransportError } from '../core/index.ts'
import { ByteBudget, RepeatedReport } from '../transports/index.ts'
import type { Connection } from './connection.ts'
import { dropLargestLine } from './largest-line.ts'
import type { TcpLimits } from './options.ts'

/** What buffers ask of their transport. */
export interface BuffersPorts {
  readonly now: () => number
  /** All open connections. */
  connections(): readonly Connection[]
  tellError(error: Error): void
}

/** The two budgets of one transport. */
export class Buffers {
  /** Messages that have begun to arrive. */
  readonly inbound: ByteBudget
  /** Messages that wait for peers, in queues and in sockets. */
  readonly outbound: ByteBudget
  readonly #ports: BuffersPorts
  readonly #drops: RepeatedReport

  constructor({ inboundBytesMax, outboundBytesMax }: TcpLimits, ports: BuffersPorts) {
    this.inbound = new ByteBudget(inboundBytesMax)
    this.outbound = new ByteBudget(outboundBytesMax)
    this.#ports = ports
    this.#drops = new RepeatedReport(ports.now, (times) => {
      const problem = `${times} messages were dropped: outboundBytesMax is ${outboundBytesMax}`
      ports.tellError(new TransportError('GOSSIP_QUEUE_FULL', problem, { direction: 'outbound' }))
    })
  }

  /** Unfinished messages hold too much: the connection that holds most of it fails. */
  dropLargestLine(): void {
    dropLargestLine(this.#ports.connections(), this.inbound.bytesMax)
  }

  /** A message was dropped for want of room; told once a second at most. */
  noteDrop(): void {
    this.#drops.add()
  }

  /** Reports what has piled up. Worth calling once a second. */
  poll(): void {
    this.#drops.poll()
  }
}
