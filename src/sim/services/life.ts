/** One life of a node with everything that is built on it: what checkers look at, and what an embedder's code gets. */

import { Gossipmonger, type GossipmongerOptions, type Transport } from '../../core/index.ts'
import { Messenger, type MessengerOptions } from '../../messaging/index.ts'
import { Ring } from '../../ring/index.ts'
import type { NodeTime } from './virtual-time.ts'

/** What a life is made of. */
export interface LifeFacts {
  readonly name: string
  /** 1 for the first life of a name. */
  readonly number: number
  readonly system: NodeTime
  readonly transport: Transport
  /** Addresses to begin with. */
  readonly seeds: readonly string[]
  readonly node?: Omit<GossipmongerOptions, 'transport' | 'seeds' | 'system'> | undefined
  readonly messenger?: Omit<MessengerOptions, 'system'> | undefined
}

const SERVICE_INTERVAL_MS = 5_000

/** Mutable; it is made before it starts. */
export class ServiceLife {
  readonly name: string
  readonly number: number
  /** Time, timers and chance of this node: code that waits must wait by it. */
  readonly system: NodeTime
  readonly node: Gossipmonger
  readonly messenger: Messenger
  readonly ring: Ring
  #state: 'up' | 'ending' | 'gone' = 'up'

  constructor({ name, number, system, transport, seeds, node, messenger }: LifeFacts) {
    this.name = name
    this.number = number
    this.system = system
    this.node = new Gossipmonger({ id: name }, { ...node, transport, system, seeds: [...seeds] })
    this.messenger = new Messenger(this.node, { ...messenger, system })
    this.ring = new Ring(this.node, { system, serviceIntervalMs: SERVICE_INTERVAL_MS })
  }

  /** Whether it lives: what has crashed may still run, but nothing of it gets out. */
  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** Whether it has let go of everything, its address too. */
  get isGone(): boolean {
    return this.#state === 'gone'
  }

  /** Name and number, as in `p1.2`. */
  get label(): string {
    return `${this.name}.${this.number}`
  }

  /** Lets go of everything. A crash is the network's business, and comes before. */
  async end(isCrash: boolean): Promise<void> {
    if (!this.isUp) return
    this.#state = 'ending'
    await this.messenger.close()
    await this.node.close({ leave: !isCrash })
    this.#state = 'gone'
  }

  /** Waits by the time of this node, or until the signal is raised. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.system.startTimer(resolve, ms)
      signal?.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }
}
