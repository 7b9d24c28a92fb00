/** Transfers in bulk between the engines of a pool, moved by hand: group by group, to the end, or cut off. */

import type { IncomingBulk, OutgoingBulk } from '../../src/core/engine/index.ts'
import { type Engine, type EngineSetup, TransportError } from '../../src/core/index.ts'

/** What a transfer needs to know of a process. */
export interface BulkProcess {
  readonly name: string
  readonly engine: Engine
  readonly isUp: boolean
}

/** What it needs of the pool it belongs to. */
export interface BulkHost {
  readonly now: number
  readonly processes: ReadonlyMap<string, BulkProcess>
  input<T>(name: string, use: (now: number) => T): T
}

/** A transfer that was begun and is not over. */
export interface PoolBulk {
  readonly from: BulkProcess
  readonly to: string
  readonly bulk: OutgoingBulk
  /** The receiving process, once it has let it in. */
  receiver: BulkProcess | undefined
  incoming: IncomingBulk | undefined
}

/** Of one pool. */
export class PoolBulks {
  /** In the order in which they were begun. */
  readonly all: PoolBulk[] = []
  /** Groups that have arrived, of all transfers. */
  carried = 0
  /** Processes that understand bulk. */
  readonly #able = new Set<string>()
  readonly #pool: BulkHost

  constructor(pool: BulkHost) {
    this.#pool = pool
  }

  /** What an engine is set up with; groups are small, so that small maps have several. */
  abilityOf(name: string): Pick<EngineSetup, 'canBulk' | 'bulkGroupBytesMax'> {
    this.#able.add(name)
    return { canBulk: (peer) => this.#able.has(String(peer.transport)), bulkGroupBytesMax: 40 }
  }

  /** Takes note of what an engine has begun. */
  begin(from: BulkProcess): void {
    for (const bulk of from.engine.takeBulks()) {
      this.all.push({ from, to: String(bulk.to.transport), bulk, receiver: undefined, incoming: undefined })
    }
  }

  /** Moves up to so many groups. Whoever is down by now has lost his connections. */
  carry(transfer: PoolBulk, groups: number): void {
    if (!this.all.includes(transfer)) return
    if (transfer.incoming === undefined && !this.#offer(transfer)) return
    for (let i = 0; i < groups; i++) if (!this.#carryOne(transfer)) return
  }

  carryAll(): void {
    for (let transfer = this.all[0]; transfer !== undefined; transfer = this.all[0]) {
      this.carry(transfer, Number.POSITIVE_INFINITY)
    }
  }

  /** Ends a transfer. What has arrived stands. */
  end(transfer: PoolBulk, code: string | undefined): void {
    const { from, receiver, incoming, bulk } = transfer
    this.all.splice(this.all.indexOf(transfer), 1)
    if (incoming !== undefined) receiver?.engine.leaveBulk(incoming)
    const error =
      code === undefined ? undefined : new TransportError(code, 'the transfer ended', { direction: 'outbound' })
    if (this.#isUp(from)) this.#pool.input(from.name, (now) => from.engine.endBulk(bulk, error, now))
  }

  #offer(transfer: PoolBulk): boolean {
    const { from, bulk, to } = transfer
    const receiver = this.#pool.processes.get(to)
    if (receiver === undefined || !this.#isUp(receiver) || !this.#isUp(from)) {
      this.end(transfer, 'GOSSIP_CONNECT_FAILED')
      return false
    }
    const sender = { id: from.engine.id, transport: from.engine.transport }
    const incoming = receiver.engine.admitBulk(sender, bulk.about)
    if (typeof incoming === 'string') {
      this.end(transfer, incoming)
      return false
    }
    Object.assign(transfer, { receiver, incoming })
    return true
  }

  #carryOne(transfer: PoolBulk): boolean {
    const { from, receiver, incoming, bulk } = transfer
    if (receiver === undefined || incoming === undefined || !this.#isUp(receiver) || !this.#isUp(from)) {
      this.end(transfer, 'GOSSIP_CONNECTION_LOST')
      return false
    }
    const group = from.engine.nextOfBulk(bulk, this.#pool.now)
    if (group === undefined) {
      this.end(transfer, undefined)
      return false
    }
    this.carried++
    const received: unknown = JSON.parse(JSON.stringify(group))
    const isUseful = this.#pool.input(receiver.name, (now) => receiver.engine.receiveBulk(incoming, received, now))
    if (!isUseful) this.end(transfer, 'GOSSIP_BULK_STOPPED')
    return isUseful
  }

  #isUp(process: BulkProcess): boolean {
    return process.isUp && this.#pool.processes.get(process.name) === process
  }
}
