/** Whole nodes in virtual time, each behind faults of its own, and what was ever written by whom. */

import {
  type GossipError,
  Gossipmonger,
  type GossipmongerOptions,
  type JsonValue,
  type PeerRef,
} from '../../../src/core/index.ts'
import {
  type FaultOptions,
  type FaultSettings,
  type FaultStats,
  type FaultyTransport,
  MemoryNetwork,
  type MemoryTransport,
  withFaults,
} from '../../../src/transports/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'

/** A node, its faults, and what it told. */
export interface Member {
  readonly node: Gossipmonger
  readonly transport: FaultyTransport<MemoryTransport>
  readonly errors: GossipError[]
}

/** Nodes named n0, n1, …, who all know n0. */
export class FaultyCluster {
  readonly system: VirtualSystem = new VirtualSystem()
  readonly members: Member[] = []
  /** Values that were told and that nobody had written. */
  readonly wrong: string[] = []
  readonly #network = new MemoryNetwork()
  readonly #written = new Set<string>()

  constructor(size: number, faults: FaultOptions, options: Partial<GossipmongerOptions> = {}) {
    for (let i = 0; i < size; i++) this.#add(`n${i}`, { ...faults, seed: (faults.seed ?? 0) * 100 + i }, options)
  }

  async start(): Promise<void> {
    for (const { node } of this.members) await node.start()
  }

  async close(): Promise<void> {
    for (const { node } of this.members) await node.close()
  }

  set(i: number, key: string, value: JsonValue, ttlMs?: number): void {
    const { node } = this.member(i)
    this.#written.add(JSON.stringify([node.id, key, value]))
    node.set(key, value, ttlMs === undefined ? {} : { ttlMs })
  }

  member(i: number): Member {
    return this.members[i] as Member
  }

  setFaults(settings: FaultSettings): void {
    for (const { transport } of this.members) transport.faults.set(settings)
  }

  /** Cuts every way between the first `count` nodes and the rest, in both directions. */
  split(count: number): void {
    const ids = this.members.map(({ node }) => node.id)
    this.members.forEach(({ transport }, i) => {
      transport.faults.partition(...(i < count ? ids.slice(count) : ids.slice(0, count)))
    })
  }

  heal(): void {
    for (const { transport } of this.members) transport.faults.heal()
  }

  /** Whether every node reads of every node what that one reads of itself, and calls it live. */
  get isConverged(): boolean {
    const maps = this.members.map(({ node }) => JSON.stringify([...node.entries(node.id)].sort()))
    return this.members.every(
      ({ node }) =>
        node.livePeers().length === this.members.length - 1 &&
        this.members.every(({ node: owner }, i) => JSON.stringify([...node.entries(owner.id)].sort()) === maps[i]),
    )
  }

  /** Lets time pass until the cluster has converged; returns how long it took, in ms, or Infinity after a limit. */
  async converge(limitMs: number): Promise<number> {
    const start = this.system.now()
    while (!this.isConverged) {
      if (this.system.now() - start >= limitMs) return Number.POSITIVE_INFINITY
      await this.system.run(250)
    }
    return this.system.now() - start
  }

  total(count: keyof FaultStats): number {
    return this.members.reduce((sum, { transport }) => sum + transport.faults.stats[count], 0)
  }

  /** How often each code was told by anybody. */
  get errorCodes(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { code } of this.members.flatMap(({ errors }) => errors)) counts[code] = (counts[code] ?? 0) + 1
    return counts
  }

  #add(id: string, faults: FaultOptions, options: Partial<GossipmongerOptions>): void {
    const { system } = this
    const transport = withFaults(this.#network.transport(id), { system, ...faults })
    const seeds: PeerRef[] = [{ transport: 'n0' }]
    const node = new Gossipmonger({ id }, { transport, system, seeds, ...options })
    const errors: GossipError[] = []
    node.on('error', (error) => errors.push(error as GossipError))
    node.on('update', (peer, key, value) => {
      const told = JSON.stringify([peer, key, value])
      if (!this.#written.has(told)) this.wrong.push(`${id}: ${told}`)
    })
    this.members.push({ node, transport, errors })
  }
}
