/** The node processes of the demo, by name. Whatever becomes of the demo, none of them outlives it. */

import { randomBytes } from 'node:crypto'
import { assert, type JsonValue } from '../../core/index.ts'
import { NodeProcess } from './node-process.ts'
import type { Death, NodeFacts, Started, Traffic } from './orders.ts'

/** A death as one node told it, and when it was told. */
export interface ToldDeath extends Death {
  readonly by: string
  readonly atMs: number
}

/** What the processes under one name sent together, and what went wrong there. */
export interface Totals {
  readonly rounds: number
  readonly traffic: Traffic
  readonly errors: NodeFacts['errors']
}

/** Several nodes, one process each, on the loopback interface. */
export class Cluster {
  readonly ids: readonly string[]
  /** Every verdict so far, in the order they came. */
  readonly deaths: ToldDeath[] = []
  readonly #gossipIntervalMs: number
  readonly #clusterId = `demo-${randomBytes(6).toString('hex')}`
  readonly #processes = new Map<string, NodeProcess>()
  readonly #addresses = new Map<string, JsonValue>()
  /** Of processes that were killed: what was last heard from them. */
  readonly #former = new Map<string, Totals>()
  readonly #killAllAtExit = (): void => this.killAll()

  constructor(options: { readonly nodes: number; readonly gossipIntervalMs: number }) {
    this.ids = Array.from({ length: options.nodes }, (_, i) => `node-${i + 1}`)
    this.#gossipIntervalMs = options.gossipIntervalMs
    process.once('exit', this.#killAllAtExit)
  }

  /** The names whose processes run. */
  get runningIds(): readonly string[] {
    return this.ids.filter((id) => this.#processes.has(id))
  }

  /** A node that runs. */
  node(id: string): NodeProcess {
    const running = this.#processes.get(id)
    assert(running !== undefined)
    return running
  }

  /** Starts the process of a name, with the first other node that runs as its seed. */
  async start(id: string): Promise<Started> {
    assert(!this.#processes.has(id))
    const seeds = [...this.#addresses].filter(([other]) => other !== id && this.#processes.has(other)).slice(0, 1)
    const onDeath = (death: Death): void => {
      this.deaths.push({ ...death, by: id, atMs: performance.now() })
    }
    const node = new NodeProcess(id, onDeath)
    this.#processes.set(id, node)
    const started = await node.order('start', {
      id,
      clusterId: this.#clusterId,
      gossipIntervalMs: this.#gossipIntervalMs,
      seeds: seeds.map(([, address]) => address),
    })
    this.#addresses.set(id, started.address)
    return started
  }

  /** How things stand at every node that runs. */
  async facts(): Promise<ReadonlyMap<string, NodeFacts>> {
    const told = this.runningIds.map(async (id) => [id, await this.node(id).order('facts', null)] as const)
    return new Map(await Promise.all(told))
  }

  /** Kills a process with SIGKILL. */
  async kill(id: string): Promise<void> {
    const node = this.node(id)
    this.#former.set(id, addTotals(this.#former.get(id), await node.order('facts', null)))
    this.#processes.delete(id)
    await node.kill()
  }

  /** What each name did in all its lives. */
  async totals(): Promise<ReadonlyMap<string, Totals>> {
    const facts = [...(await this.facts())]
    return new Map(facts.map(([id, present]) => [id, addTotals(this.#former.get(id), present)]))
  }

  /** Lets all nodes close. */
  async close(): Promise<void> {
    await Promise.all(this.runningIds.map((id) => this.node(id).stop()))
    this.#processes.clear()
    process.off('exit', this.#killAllAtExit)
  }

  /** Ends all processes at once. */
  killAll(): void {
    for (const node of this.#processes.values()) void node.kill()
  }
}

function addTotals(former: Totals | undefined, { rounds, traffic, errors }: Totals): Totals {
  if (former === undefined) return { rounds, traffic, errors }
  const { messages, bytes } = former.traffic
  return {
    rounds: former.rounds + rounds,
    traffic: { messages: messages + traffic.messages, bytes: bytes + traffic.bytes },
    errors: addErrors(former.errors, errors),
  }
}

function addErrors(former: NodeFacts['errors'], present: NodeFacts['errors']): NodeFacts['errors'] {
  const sum = { ...former }
  for (const [code, times] of Object.entries(present)) sum[code] = (sum[code] ?? 0) + times
  return sum
}
