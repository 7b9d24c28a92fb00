/** Nodes over real transports in real time, and the faults between them that a decorator can make. */

import {
  type EngineOptions,
  type GossipmongerOptions,
  type JsonValue,
  runtimeSystem,
  type Transport,
} from '../../core/index.ts'
import type { FaultSettings } from '../../transports/index.ts'
import { Links } from '../world/index.ts'
import { LiveChecks } from './live-checks.ts'
import { LiveNode } from './live-node.ts'

/** What a live cluster is made with. */
export interface LiveClusterSetup {
  readonly makeTransport: (name: string) => Transport | Promise<Transport>
  readonly engine: Omit<EngineOptions, 'seeds'>
  readonly seed: number
}

/** Peers are named p0, p1, …; p0 is everybody's seed. */
export class LiveCluster {
  readonly checks: LiveChecks = new LiveChecks()
  readonly links: Links = new Links()
  readonly nodes: LiveNode[] = []
  readonly #setup: LiveClusterSetup
  readonly #names = new Map<string, string>()
  #faults: FaultSettings = {}

  constructor(setup: LiveClusterSetup) {
    this.#setup = setup
  }

  /** Adds a node and starts it. */
  async add(): Promise<void> {
    const number = this.nodes.length
    const name = `p${number}`
    // A goodbye waits a few rounds; the default would wait seconds.
    const options: Omit<GossipmongerOptions, 'transport' | 'seeds'> = { ...this.#setup.engine, leaveTimeoutMs: 200 }
    const node = new LiveNode({
      name,
      makeTransport: this.#setup.makeTransport,
      options,
      seed: this.#setup.seed + number,
      isCut: (_from, to) => !this.links.isOpen(name, this.#names.get(JSON.stringify(to)) ?? ''),
      checks: this.checks,
    })
    this.nodes.push(node)
    await this.start(node)
  }

  /** Starts a node that is down: it knows the first node, or, being that one, everybody else. */
  async start(node: LiveNode): Promise<void> {
    const others = node === this.nodes[0] ? this.nodes : this.nodes.slice(0, 1)
    const seeds = others.flatMap((other) => (other === node ? [] : (other.node?.address ?? [])))
    await node.start(seeds as readonly JsonValue[], this.#faults)
    const { address } = node.node ?? {}
    if (address !== undefined) this.#names.set(JSON.stringify(address), node.name)
  }

  /** Changes how messages fare, for all nodes. */
  setFaults(settings: FaultSettings): void {
    this.#faults = { ...this.#faults, ...settings }
    for (const node of this.nodes) node.faults?.set(settings)
  }

  /** What keeps them from agreeing, in words; empty when all agree. */
  disagreements(): readonly string[] {
    const up = this.nodes.flatMap(({ node }) => node ?? [])
    const problems: string[] = []
    for (const reader of up) {
      const live = new Set(reader.livePeers().map(({ id }) => id))
      for (const owner of up) {
        if (owner === reader) continue
        if (!live.has(owner.id)) problems.push(`${reader.id} does not hold ${owner.id} live`)
        const [seen, written] = [reader, owner].map((node) => shown(node.entries(owner.id)))
        if (seen !== written) problems.push(`${reader.id} reads of ${owner.id} ${seen}, but it is ${written}`)
        live.delete(owner.id)
      }
      for (const id of live) problems.push(`${reader.id} holds ${id} live, which is not up`)
    }
    return problems
  }

  /** Ends all nodes and transports. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.crash('lost')))
  }
}

/** Waits in real time. */
export async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** Real time, ms, from any origin. */
export function realNow(): number {
  return runtimeSystem.now()
}

function shown(entries: ReadonlyMap<string, JsonValue>): string {
  return JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}
