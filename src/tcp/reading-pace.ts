/**
 * How fast each connection is read. Whoever sends more than the rates allow, or takes more than his share of this
 * process's time, is not read for a while, so that he has to wait and not the others; whoever goes on like that is
 * disconnected. Until they introduce themselves, all connections of one address count as one sender.
 */

import { type Direction, type PeerRef, TransportError } from '../core/index.ts'
import { type DefenceLimits, FairShare, ReadingAccount, type ReadingRates } from '../transports/index.ts'
import type { Turn } from './turn-reader.ts'

/** A connection as far as its pace goes. */
export interface PacedConnection {
  readonly peer: PeerRef | undefined
  readonly direction: Direction
  /** By what its address is counted. */
  readonly group: string | undefined
  /** Whether the other side's hello was accepted. */
  readonly isIntroduced: boolean
  readonly isDestroyed: boolean
  /** Since when all that arrives is ignored. */
  readonly mutedMs: number | undefined
  /** Since when nothing is read of it. */
  readonly pausedSinceMs: number | undefined
  pause(): void
  resume(): void
  fail(error: Error): void
}

/** Bounds of the pace. */
export type PaceLimits = ReadingRates & Pick<DefenceLimits, 'rateTimeoutMs' | 'offendersMax'>

/** A timer for every wait would cost more than what it saves. */
const LOOK_MS_MIN = 10

/** Paces all connections of one transport, with one timer that runs while any of them waits. */
export class ReadingPace {
  readonly #limits: PaceLimits
  readonly #now: () => number
  readonly #share = new FairShare()
  readonly #own = new WeakMap<PacedConnection, ReadingAccount>()
  /** What strangers of one address use together; the address used longest ago goes. */
  readonly #strangers = new Map<string, ReadingAccount>()
  readonly #waiting = new Set<PacedConnection>()
  #timer: NodeJS.Timeout | undefined

  /** @param now - monotonic time, ms */
  constructor(limits: PaceLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Connections that are not read now. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** A connection was accepted: it waits where strangers from there have to wait. */
  onAccepted(connection: PacedConnection): void {
    this.#hold(connection, this.#now())
  }

  /** Something was read. */
  onRead(connection: PacedConnection, turn: Turn): void {
    const nowMs = this.#now()
    const own = this.#ownAccount(connection, nowMs)
    const shared = this.#sharedAccount(connection, nowMs)
    own.read(turn, nowMs)
    shared?.read(turn, nowMs)
    const payer = shared ?? own
    payer.waitUntil(nowMs + this.#share.spend(payer.use, turn.spentMs, nowMs))
    if (own.excessMs(nowMs) > this.#limits.rateTimeoutMs) connection.fail(this.#excess(connection))
    else this.#hold(connection, nowMs)
  }

  /** Forgets who waits. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }

  /** Lets a connection wait as long as it has to; one that was interrupted goes on when others had their turn. */
  #hold(connection: PacedConnection, nowMs: number): void {
    if (connection.mutedMs !== undefined) return
    if (this.#waitMs(connection, nowMs) > 0) {
      connection.pause()
      this.#waiting.add(connection)
      this.#arm(nowMs)
    } else if (connection.pausedSinceMs !== undefined) {
      setImmediate(() => this.#waiting.has(connection) || connection.resume())
    }
  }

  #waitMs(connection: PacedConnection, nowMs: number): number {
    const own = this.#own.get(connection)?.waitsUntilMs ?? -Infinity
    const shared = isStranger(connection) ? this.#strangers.get(connection.group ?? '')?.waitsUntilMs : undefined
    return Math.max(own, shared ?? -Infinity) - nowMs
  }

  #arm(nowMs: number): void {
    if (this.#timer !== undefined || this.#waiting.size === 0) return
    let waitMs = Number.POSITIVE_INFINITY
    for (const connection of this.#waiting) waitMs = Math.min(waitMs, this.#waitMs(connection, nowMs))
    this.#timer = setTimeout(() => this.#look(), Math.min(1_000, Math.max(LOOK_MS_MIN, waitMs))).unref()
  }

  #look(): void {
    this.#timer = undefined
    const nowMs = this.#now()
    for (const connection of this.#waiting) {
      if (!connection.isDestroyed && this.#waitMs(connection, nowMs) > 0) continue
      this.#waiting.delete(connection)
      connection.resume()
    }
    this.#arm(nowMs)
  }

  #ownAccount(connection: PacedConnection, nowMs: number): ReadingAccount {
    let account = this.#own.get(connection)
    if (account === undefined) {
      account = new ReadingAccount(this.#limits, nowMs)
      this.#own.set(connection, account)
    }
    return account
  }

  #sharedAccount(connection: PacedConnection, nowMs: number): ReadingAccount | undefined {
    if (!isStranger(connection)) return undefined
    const group = connection.group ?? ''
    const account = this.#strangers.get(group) ?? new ReadingAccount(this.#limits, nowMs)
    this.#strangers.delete(group)
    this.#strangers.set(group, account)
    for (const [oldest, other] of this.#strangers) {
      const isKept = this.#strangers.size <= this.#limits.offendersMax && !other.isUnused(nowMs)
      if (isKept || other === account) break
      this.#strangers.delete(oldest)
    }
    return account
  }

  #excess({ peer, direction }: PacedConnection): TransportError {
    const { messagesPerSecondMax, bytesPerSecondMax, rateTimeoutMs } = this.#limits
    const rates = `messagesPerSecondMax is ${messagesPerSecondMax}, bytesPerSecondMax ${bytesPerSecondMax}`
    const problem = `the peer sent as much as is read for over ${rateTimeoutMs} ms: ${rates}`
    return new TransportError('GOSSIP_RATE_EXCEEDED', problem, { peer, direction })
  }
}

/** Whoever dialled and did not introduce himself. */
function isStranger({ direction, isIntroduced }: PacedConnection): boolean {
  return direction === 'inbound' && !isIntroduced
}
