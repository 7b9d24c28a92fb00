/** A cluster over real TCP: old nodes in processes of their own, nodes of ours in this one. */

import { Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { OldNode } from './old-node.ts'

/** Rounds of both kinds, ms. */
const INTERVAL_MS = 150
const LOOK_MS = 50
const HOST = '127.0.0.1'

type Address = { readonly host: string; readonly port: number }

/** Starts, watches and ends nodes. */
export class MixedTcpCluster {
  readonly olds: Map<string, OldNode> = new Map()
  readonly news: Map<string, Gossipmonger> = new Map()
  readonly errors: Map<string, Error[]> = new Map()
  readonly #addresses = new Map<string, Address>()

  /** Starts a node of ours; one that ran before under this id comes back where it was. */
  async startNew(
    id: string,
    seeds: readonly string[],
    options: { acceptOldPeers?: boolean } = {},
  ): Promise<Gossipmonger> {
    const transport = new TcpTransport({
      host: HOST,
      port: this.#addresses.get(id)?.port ?? 0,
      acceptOldPeers: options.acceptOldPeers ?? true,
    })
    const seedAddresses = seeds.map((seed) => ({ transport: { ...this.#address(seed) } }))
    const all = { acceptOldPeers: true, gossipIntervalMs: INTERVAL_MS, ...options, seeds: seedAddresses, transport }
    const node = new Gossipmonger({ id }, all)
    this.errors.set(id, [])
    node.on('error', (error) => this.errors.get(id)?.push(error))
    await node.start()
    this.#addresses.set(id, node.address as Address)
    this.news.set(id, node)
    return node
  }

  /** Starts an old node; one that ran before under this id comes back where it was. */
  async startOld(
    id: string,
    seeds: readonly string[],
    keys: Readonly<Record<string, JsonValue>> = {},
  ): Promise<OldNode> {
    const port = this.#addresses.get(id)?.port
    const seedRefs = seeds.map((seed) => ({ id: seed, transport: { ...this.#address(seed) } }))
    const found = port === undefined ? {} : { port }
    const node = await OldNode.start({ id, seeds: seedRefs, keys, intervalMs: INTERVAL_MS, ...found })
    this.#addresses.set(id, node.transport)
    this.olds.set(id, node)
    return node
  }

  /** Ends a node without a goodbye. */
  async end(id: string): Promise<void> {
    await this.olds.get(id)?.kill()
    this.olds.delete(id)
    await this.news.get(id)?.close()
    this.news.delete(id)
  }

  /** Ends all. */
  async endAll(): Promise<void> {
    await Promise.all([...this.olds.keys(), ...this.news.keys()].map((id) => this.end(id)))
  }

  new(id: string): Gossipmonger {
    return this.news.get(id) as Gossipmonger
  }

  /**
   * Waits until nothing is wrong.
   *
   * @param problems - what is wrong, in words
   * @throws {Error} what is still wrong at the deadline
   */
  async until(problems: () => Promise<readonly string[]>, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs
    for (;;) {
      const found = await problems()
      if (found.length === 0) return
      if (performance.now() > deadline) throw new Error(`after ${limitMs} ms:\n${found.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** Who reads what of a key, where it is not what it should be. Null is how old nodes read what is deleted. */
  async misread(owner: string, key: string, value: JsonValue | undefined): Promise<string[]> {
    const wanted = JSON.stringify(value ?? null)
    const seen: [string, JsonValue | undefined][] = []
    for (const [id, node] of this.news) seen.push([id, node.get(owner, key)])
    for (const [id, node] of this.olds) seen.push([id, (await node.peers())[owner]?.values[key]])
    return seen
      .map(([reader, found]) => [reader, JSON.stringify(found ?? null)])
      .filter(([, found]) => found !== wanted)
      .map(([reader, found]) => `${reader} reads of ${owner} ${key}: ${found}, not ${wanted}`)
  }

  /** Who does not hold a peer to be live, or dead, as it is. */
  async mistaken(id: string, isLive: boolean): Promise<string[]> {
    const found: string[] = []
    for (const [reader, node] of this.news) {
      const status = node.explain(id)?.status
      if (reader !== id && status !== (isLive ? 'live' : 'dead')) found.push(`${reader} holds ${id} to be ${status}`)
    }
    for (const [reader, node] of this.olds) {
      const view = (await node.peers())[id]
      if (reader !== id && view?.isLive !== isLive) found.push(`${reader} holds ${id} live: ${view?.isLive}`)
    }
    return found
  }

  /** Old nodes that have only heard of a peer, and would hold it live for ever. */
  async unspoken(id: string): Promise<string[]> {
    const found: string[] = []
    for (const [reader, node] of this.olds) {
      if ((await node.peers())[id]?.hasSpoken !== true) found.push(`${id} has not spoken to ${reader}`)
    }
    return found
  }

  #address(id: string): Address {
    const address = this.#addresses.get(id)
    if (address === undefined) throw new Error(`${id} has not run yet`)
    return address
  }
}
