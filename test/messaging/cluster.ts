/** Nodes with messengers over a memory network: in virtual time, so that no test waits. */

import { type GossipError, Gossipmonger, type GossipmongerOptions, type Transport } from '../../src/core/index.ts'
import { Messenger, type MessengerOptions } from '../../src/messaging/index.ts'
import {
  MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryTransport,
  type SessionOptions,
} from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

/** One node. */
export interface Member {
  readonly node: Gossipmonger
  readonly messenger: Messenger
  readonly transport: MemoryTransport
  /** What its messenger told as `error`. */
  readonly errors: GossipError[]
}

/** How a cluster is made. */
export interface ClusterOptions {
  readonly messenger?: MessengerOptions
  readonly session?: SessionOptions
  readonly network?: Omit<MemoryNetworkOptions, 'session'>
  readonly node?: Partial<GossipmongerOptions>
  /** Puts something around the transport. */
  readonly wrap?: (transport: MemoryTransport) => Transport
}

/** Nodes that all know the first one. */
export class MessagingCluster {
  readonly system: VirtualSystem = new VirtualSystem()
  readonly members: Member[] = []
  readonly #options: ClusterOptions
  readonly #network: MemoryNetwork

  constructor(options: ClusterOptions = {}) {
    this.#options = options
    this.#network = new MemoryNetwork({ ...options.network, ...(options.session && { session: options.session }) })
  }

  /** Starts one more node. */
  async add(id: string, more: Partial<GossipmongerOptions> = {}): Promise<Member> {
    const transport = this.#network.transport(id)
    const [first] = this.members
    const node = new Gossipmonger(
      { id },
      {
        transport: this.#options.wrap?.(transport) ?? transport,
        seeds: first === undefined ? [] : [first.node.id],
        system: this.system,
        ...this.#options.node,
        ...more,
      },
    )
    const messenger = new Messenger(node, { system: this.system, ...this.#options.messenger })
    const member: Member = { node, messenger, transport, errors: [] }
    messenger.on('error', (error) => member.errors.push(error as GossipError))
    this.members.push(member)
    await node.start()
    return member
  }

  /** Starts nodes that soon know each other. */
  async start(...ids: string[]): Promise<Member[]> {
    for (const id of ids) await this.add(id)
    await this.settle()
    return this.members.slice(-ids.length)
  }

  /** Lets gossip get everywhere. */
  async settle(): Promise<void> {
    await this.system.run(6_000)
  }

  /** Ends a node as a crash would, but for its handles. */
  async crash(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1)
    await member.node.close()
  }

  async close(): Promise<void> {
    for (const { messenger, node } of this.members.splice(0)) {
      await messenger.close()
      await node.close()
    }
  }
}

/** Runs a test with a cluster that is closed afterwards. */
export function withCluster(
  test: (cluster: MessagingCluster) => Promise<void>,
  options?: ClusterOptions,
): () => Promise<void> {
  return async () => {
    const cluster = new MessagingCluster(options)
    try {
      await test(cluster)
    } finally {
      await cluster.close()
    }
  }
}

/** What a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<GossipError & { readonly peer?: unknown }> {
  try {
    await promise
  } catch (error) {
    return error as GossipError
  }
  throw new Error('it did not fail')
}

/** A promise, and the way to settle it. */
export function deferred<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
