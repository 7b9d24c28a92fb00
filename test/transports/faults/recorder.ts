/** An inner transport that keeps what reaches it, and a sender of numbered messages through faults. */

import type { JsonValue, PeerRef, SenderRef, Transport, TransportEvents } from '../../../src/core/index.ts'
import { type FaultOptions, type FaultyTransport, TransportEmitter, withFaults } from '../../../src/transports/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'

/** A message that reached the inner transport. */
export interface Recorded {
  readonly at: number
  readonly kind: 'digest' | 'deltas' | 'rpc'
  readonly to: PeerRef
  readonly from: SenderRef | undefined
  readonly payload: JsonValue
}

/** The smallest transport with `rpc`: it delivers nothing and keeps everything, with the time. */
export class Recorder implements Transport {
  readonly recorded: Recorded[] = []
  readonly emitter: TransportEmitter = new TransportEmitter()
  readonly #now: () => number

  constructor(now: () => number = () => 0) {
    this.#now = now
  }

  get payloads(): JsonValue[] {
    return this.recorded.map(({ payload }) => payload)
  }

  digest(to: PeerRef, from: SenderRef, payload: JsonValue): void {
    this.recorded.push({ at: this.#now(), kind: 'digest', to, from, payload })
  }

  deltas(to: PeerRef, from: SenderRef, payload: JsonValue): void {
    this.recorded.push({ at: this.#now(), kind: 'deltas', to, from, payload })
  }

  rpc(to: PeerRef, payload: JsonValue): void {
    this.recorded.push({ at: this.#now(), kind: 'rpc', to, from: undefined, payload })
  }

  on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): void {
    this.emitter.on(event, listener)
  }

  off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): void {
    this.emitter.off(event, listener)
  }
}

/** Ann, who sends. */
export const ann: SenderRef = { id: 'ann', transport: 'memory:1' }
/** Ben, who is sent to. */
export const ben: SenderRef = { id: 'ben', transport: 'memory:2' }

/** Everything a test of faults needs, with time that stands still until it is told. */
export interface Bench {
  readonly system: VirtualSystem
  readonly inner: Recorder
  readonly faulty: FaultyTransport<Recorder>
  /** Codes of the errors told. */
  readonly errors: unknown[]
  /** Sends digests 1 … count to Ben, at once. */
  send(count: number): void
}

/** A recorder behind faults of seed 7, or of what is given. */
export function bench(options: FaultOptions = {}): Bench {
  const system = new VirtualSystem()
  const inner = new Recorder(() => system.now())
  const faulty = withFaults(inner, { seed: 7, system, ...options })
  const errors: unknown[] = []
  faulty.on('error', (error) => errors.push(Reflect.get(error, 'code')))
  const send = (count: number): void => {
    for (let i = 1; i <= count; i++) faulty.digest(ben, ann, i)
  }
  return { system, inner, faulty, errors, send }
}

/** The counts that are not 0. */
export function counted({ faulty }: Pick<Bench, 'faulty'>): Record<string, number> {
  return Object.fromEntries(Object.entries(faulty.faults.stats).filter(([, count]) => count !== 0))
}
