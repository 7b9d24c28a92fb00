/**
 * Keeps the deadlines of all connections. One timer looks at all of them now and then, and only while there are any: a
 * deadline need not be met to the millisecond.
 */

import { runtimeSystem, TransportError } from '../../core/index.ts'
import { CLOSE_NORMAL, type Connection } from './connection.ts'
import type { WebSocketLimits } from './options.ts'

/** What a sweep looks at. */
export interface SweepPorts {
  readonly now: () => number
  /** All connections that are not gone. */
  readonly connections: () => readonly Connection[]
  /** Called with each look. */
  readonly onTick: () => void
}

/** How long a closing handshake may take, ms. */
const CLOSING_MS_MAX = 1_000

/** The timer of a transport. It never keeps a process alive. */
export class Sweep {
  readonly #limits: WebSocketLimits
  readonly #ports: SweepPorts
  readonly #periodMs: number
  #cancel: (() => void) | undefined
  #dueMs = 0
  #wasLate = false

  constructor(limits: WebSocketLimits, ports: SweepPorts) {
    this.#limits = limits
    this.#ports = ports
    const { connectTimeoutMs, handshakeTimeoutMs, pingIntervalMs, pongTimeoutMs, idleTimeoutMs } = limits
    const shortestMs = Math.min(connectTimeoutMs, handshakeTimeoutMs, pingIntervalMs, pongTimeoutMs, idleTimeoutMs)
    this.#periodMs = Math.max(5, Math.min(1_000, Math.floor(shortestMs / 4)))
  }

  /** There is something to look at. */
  start(): void {
    if (this.#cancel !== undefined) return
    this.#dueMs = this.#ports.now() + this.#periodMs
    this.#cancel = runtimeSystem.startTimer(() => this.#tick(), this.#periodMs)
  }

  /** There is nothing to look at. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #tick(): void {
    this.#cancel = undefined
    const nowMs = this.#ports.now()
    const connections = this.#ports.connections()
    // After a stall the answers may lie unread: they are read first. A page in the background is always late.
    const isStalled = nowMs - this.#dueMs > this.#periodMs && !this.#wasLate
    this.#wasLate = isStalled
    if (!isStalled) for (const connection of connections) this.#enforce(connection, nowMs)
    this.#ports.onTick()
    if (connections.length > 0) this.start()
  }

  #enforce(connection: Connection, nowMs: number): void {
    const { state, openedMs, closingMs = nowMs } = connection
    if (state === 'opening') this.#failAfter(connection, nowMs - openedMs, 'connectTimeoutMs', 'GOSSIP_CONNECT_FAILED')
    else if (state === 'closing' && nowMs - closingMs > CLOSING_MS_MAX) connection.destroy()
    else if (state === 'open') this.#enforceOpen(connection, nowMs)
  }

  #enforceOpen(connection: Connection, nowMs: number): void {
    const { openedMs, blockedSinceMs = nowMs, pingedMs, lastReadMs, lastMessageMs } = connection
    const isAwaited = !connection.isReady || (connection.direction === 'inbound' && !connection.hasSpoken)
    if (isAwaited) {
      this.#failAfter(connection, nowMs - openedMs, 'handshakeTimeoutMs', 'GOSSIP_HANDSHAKE_TIMEOUT')
    } else if (nowMs - lastMessageMs > this.#limits.idleTimeoutMs) {
      connection.end(CLOSE_NORMAL, 'idle')
    } else {
      this.#failAfter(connection, nowMs - blockedSinceMs, 'idleTimeoutMs', 'GOSSIP_CONNECTION_LOST')
    }
    if (connection.state !== 'open') return
    if (pingedMs !== undefined) {
      this.#failAfter(connection, nowMs - pingedMs, 'pongTimeoutMs', 'GOSSIP_CONNECTION_LOST')
    } else if (nowMs - lastReadMs > this.#limits.pingIntervalMs) {
      connection.ping()
    }
  }

  #failAfter(connection: Connection, waitedMs: number, limit: keyof typeof PROBLEMS, code: string): void {
    const limitMs = this.#limits[limit]
    if (waitedMs <= limitMs) return
    const { peer, direction } = connection
    const problem = `the peer ${PROBLEMS[limit]} within ${limitMs} ms`
    connection.fail(new TransportError(code, problem, { peer, direction }))
  }
}

const PROBLEMS = Object.freeze({
  connectTimeoutMs: 'did not answer',
  handshakeTimeoutMs: 'did not say who it is',
  pongTimeoutMs: 'gave no sign of life',
  idleTimeoutMs: 'took nothing of what waits',
})
