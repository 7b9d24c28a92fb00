/** One node of a live cluster, over whatever transports it is given, one life after the other. */

import { Gossipmonger, type GossipmongerOptions, type JsonValue, type Transport } from '../../core/index.ts'
import { type FaultyTransport, withFaults } from '../../transports/index.ts'
import type { DiskFate } from '../world/index.ts'
import type { LiveChecks } from './live-checks.ts'

/** What its cluster gives a node. */
export interface LiveNodeSetup {
  readonly name: string
  readonly makeTransport: (name: string) => Transport | Promise<Transport>
  readonly options: Omit<GossipmongerOptions, 'transport' | 'seeds'>
  readonly seed: number
  readonly isCut: (from: JsonValue, to: JsonValue) => boolean
  readonly checks: LiveChecks
}

/** Mutable: it is down until it starts. */
export class LiveNode {
  readonly name: string
  readonly #setup: LiveNodeSetup
  #node: Gossipmonger | undefined
  #transport: FaultyTransport | undefined
  #entries = new Map<string, JsonValue>()
  #lives = 0

  constructor(setup: LiveNodeSetup) {
    this.name = setup.name
    this.#setup = setup
  }

  /** The running node; undefined while it is down. */
  get node(): Gossipmonger | undefined {
    return this.#node
  }

  /** The faults of its present transport. */
  get faults(): FaultyTransport['faults'] | undefined {
    return this.#transport?.faults
  }

  /** Begins another life with what the last one left. Nothing happens while it is up. */
  async start(seeds: readonly JsonValue[], faults: Parameters<FaultyTransport['faults']['set']>[0]): Promise<void> {
    if (this.#node !== undefined) return
    const { makeTransport, options, seed, isCut, checks, name } = this.#setup
    const inner = await makeTransport(name)
    const transport = withFaults(inner, { seed: seed + 1_000 * this.#lives++, isCut, ...faults })
    const node = new Gossipmonger(
      { id: name },
      { ...options, transport, seeds: seeds.map((address) => ({ transport: address })) },
    )
    checks.watch(node)
    for (const [key, value] of this.#entries) this.#write(node, key, value)
    this.#transport = transport
    this.#node = node
    await node.start()
  }

  /** Writes a key while it is up. */
  set(key: string, value: JsonValue, ttlMs: number | undefined): void {
    if (this.#node === undefined) return
    if (!this.#write(this.#node, key, value, ttlMs)) return
    if (ttlMs === undefined) this.#entries.set(key, value)
    else this.#entries.delete(key)
  }

  delete(key: string): void {
    this.#node?.delete(key)
    this.#entries.delete(key)
  }

  /** Ends without a word. */
  async crash(disk: DiskFate): Promise<void> {
    if (disk === 'lost') this.#entries.clear()
    if (disk === 'torn') this.#entries = new Map([...this.#entries].slice(0, this.#entries.size >> 1))
    await this.#end(false)
  }

  /** Says goodbye and ends. */
  async leave(): Promise<void> {
    await this.#end(true)
  }

  async #end(leave: boolean): Promise<void> {
    const [node, transport] = [this.#node, this.#transport]
    this.#node = undefined
    this.#transport = undefined
    await node?.close({ leave })
    // A transport without `listen` is not the node's to close.
    await transport?.close?.()
  }

  /** What a node refuses, a value too large for its transport, is no failure of a scenario. */
  #write(node: Gossipmonger, key: string, value: JsonValue, ttlMs?: number): boolean {
    try {
      this.#setup.checks.wrote(this.name, key, value)
      node.set(key, value, ttlMs === undefined ? {} : { ttlMs })
      return true
    } catch {
      return false
    }
  }
}
