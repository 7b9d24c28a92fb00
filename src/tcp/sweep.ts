/** Keeps the deadlines of all connections, with one timer that runs only while there are any. */

import { TransportError } from '../core/index.ts'
import type { Connection } from './connection.ts'
import { deadlinePeriodMs, missedDeadline } from './deadlines.ts'
import type { TcpLimits } from './options.ts'

/** What a sweep looks at. */
export interface SweepPorts {
  readonly now: () => number
  /** Whether a peer that does not answer a hello may be one of the first generation. */
  readonly findsDialects: boolean
  /** All open connections. */
  readonly connections: () => readonly Connection[]
  /** Called with each look. */
  readonly onTick: () => void
}

/** The timer of a transport. It never keeps a process alive. */
export class Sweep {
  readonly #limits: TcpLimits
  readonly #ports: SweepPorts
  #timer: NodeJS.Timeout | undefined

  /** @param ports - what to look at */
  constructor(limits: TcpLimits, ports: SweepPorts) {
    this.#limits = limits
    this.#ports = ports
  }

  /** There is something to look at. */
  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), deadlinePeriodMs(this.#limits)).unref()
  }

  /** There is nothing to look at. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const nowMs = this.#ports.now()
    const connections = this.#ports.connections()
    for (const connection of connections) this.#enforce(connection, nowMs)
    this.#ports.onTick()
    if (connections.length === 0) this.stop()
  }

  #enforce(connection: Connection, nowMs: number): void {
    const limits = this.#limits
    switch (missedDeadline(connection, nowMs, limits)) {
      case undefined:
        return
      case 'connect':
        connection.fail(new Error(`no answer within ${limits.connectTimeoutMs} ms`))
        return
      case 'handshake':
        // An old peer answers only after the end, and what it was sent is one message, which it understands.
        if (connection.purpose === 'lane' && this.#ports.findsDialects) connection.end()
        else connection.fail(timeout(connection, 'GOSSIP_HANDSHAKE_TIMEOUT', 'sent nothing', limits.handshakeTimeoutMs))
        return
      case 'frame':
        connection.fail(frameTimeout(connection, limits))
        return
      case 'stalled':
        connection.fail(timeout(connection, 'GOSSIP_CONNECTION_LOST', 'took nothing', limits.idleTimeoutMs))
        return
      case 'muted':
        connection.destroy()
        return
      case 'idle':
        endIdle(connection, limits.idleTimeoutMs)
    }
  }
}

/** A silent connection is ended; one that was ended before, and whose other side does not end, is dropped. */
function endIdle(connection: Connection, idleTimeoutMs: number): void {
  if (!connection.hasEnded) connection.end()
  else if (connection.hello !== undefined || connection.purpose === 'inbound') connection.destroy()
  else connection.fail(timeout(connection, 'GOSSIP_CONNECTION_LOST', 'did not answer', idleTimeoutMs))
}

function frameTimeout(connection: Connection, limits: TcpLimits): TransportError {
  const { direction, peer, frameBytes } = connection
  const bounds = `frameTimeoutMs is ${limits.frameTimeoutMs}, frameBytesPerSecondMin ${limits.frameBytesPerSecondMin}`
  const problem = `the peer did not finish a message in time, ${frameBytes} bytes have come: ${bounds}`
  return new TransportError('GOSSIP_FRAME_TIMEOUT', problem, { peer, direction })
}

function timeout(connection: Connection, code: string, problem: string, timeoutMs: number): TransportError {
  const { direction, peer } = connection
  return new TransportError(code, `the peer ${problem} for ${timeoutMs} ms`, { peer, direction })
}
