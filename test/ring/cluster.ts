/** A few nodes with rings, over the memory network and in virtual time. */

import { Gossipmonger, type GossipmongerOptions, type JsonValue, type Transport } from '../../src/core/index.ts'
import { Ring, type RingOptions } from '../../src/ring/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

/** A node and its ring. */
export interface RingedNode {
  readonly node: Gossipmonger
  readonly ring: Ring
  /** Every event of the ring but those with a star, as it was told. */
  readonly told: unknown[][]
}

const SERVICE_INTERVAL_MS = 10_000

/** The first node is everybody's seed. */
export class RingCluster {
  readonly system: VirtualSystem = new VirtualSystem()
  readonly all: RingedNode[] = []
  readonly #network = new MemoryNetwork()
  readonly #options: RingOptions

  /** @param options - of every ring */
  constructor(options: RingOptions = {}) {
    this.#options = options
  }

  /** Makes a node and starts it; it is seen by others some rounds later. */
  async add(id: string, options: Partial<GossipmongerOptions> = {}, metadata?: JsonValue): Promise<RingedNode> {
    const seeds = this.all.slice(0, 1).map(({ node }) => node.id)
    const node = new Gossipmonger(
      { id, ...(metadata === undefined ? {} : { metadata }) },
      { transport: this.#network.transport(id), system: this.system, seeds, ...options },
    )
    const ring = this.ring(node)
    const told: unknown[][] = []
    ring.on('members', ({ joined, gone }) => told.push(['members', [...joined].sort(), [...gone].sort()]))
    for (const which of ['successor', 'predecessor'] as const) {
      ring.on(`environment::${which}`, (peer) => told.push([which, peer?.id]))
    }
    for (const status of ['lonely', 'unbalanced', 'joined'] as const) {
      ring.on(`status::${status}`, ({ from, to }) => told.push(['status', from, to]))
    }
    const ringed = { node, ring, told }
    this.all.push(ringed)
    await node.start()
    return ringed
  }

  /** A transport of this network, for a node at another address than its id. */
  transport(address: string): Transport {
    return this.#network.transport(address)
  }

  /** A further ring of a node. */
  ring(node: Gossipmonger, options: RingOptions = {}): Ring {
    const { system } = this
    return new Ring(node, { serviceIntervalMs: SERVICE_INTERVAL_MS, system, ...this.#options, ...options })
  }

  /** Nodes with these ids that all know each other, and have for a service interval. */
  async settled(...ids: string[]): Promise<RingedNode[]> {
    const nodes: RingedNode[] = []
    for (const id of ids) nodes.push(await this.add(id))
    await this.run(5_000 + SERVICE_INTERVAL_MS)
    return nodes
  }

  /** Lets time pass, ms. */
  async run(ms: number): Promise<void> {
    await this.system.run(ms)
  }

  /** Lets a verdict come: what is silent now is dead by the end. */
  async runUntilDead(): Promise<void> {
    await this.run(40_000)
  }

  /** Ends a node without a word. */
  async crash({ node }: RingedNode): Promise<void> {
    await node.close()
  }

  async close(): Promise<void> {
    for (const { node } of this.all) await node.close()
  }
}
