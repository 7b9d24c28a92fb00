/** Nodes with messengers, rings and forwarders, over the memory network and in virtual time. */

import type { GossipmongerOptions } from '../../../src/core/index.ts'
import { Forwarder, type ForwarderOptions, Ring, type RingOptions } from '../../../src/ring/index.ts'
import { type FaultyTransport, type MemoryTransport, withFaults } from '../../../src/transports/index.ts'
import { type ClusterOptions, type Member, MessagingCluster } from '../../messaging/cluster.ts'

/** One node with all that forwards. */
export interface Forwarding extends Member {
  readonly ring: Ring
  readonly forwarder: Forwarder
  readonly faulty: FaultyTransport<MemoryTransport>
}

/** How the nodes are made. */
export interface ForwardingOptions {
  readonly ring?: RingOptions
  readonly forwarder?: ForwarderOptions
  readonly cluster?: Omit<ClusterOptions, 'wrap'>
}

/** Nodes that all know the first one. */
export class ForwardingCluster {
  readonly inner: MessagingCluster
  readonly #options: ForwardingOptions
  #latest: FaultyTransport<MemoryTransport> | undefined

  constructor(options: ForwardingOptions = {}) {
    this.#options = options
    this.inner = new MessagingCluster({
      ...options.cluster,
      wrap: (transport) => {
        this.#latest = withFaults(transport, { system: this.inner.system })
        return this.#latest
      },
    })
  }

  /** Starts one more node. */
  async add(id: string, ring: RingOptions = {}, node: Partial<GossipmongerOptions> = {}): Promise<Forwarding> {
    const member = await this.inner.add(id, node)
    const { system } = this.inner
    const faulty = this.#latest as FaultyTransport<MemoryTransport>
    const own = new Ring(member.node, { system, ...this.#options.ring, ...ring })
    const forwarder = new Forwarder(own, member.messenger, { system, ...this.#options.forwarder })
    return { ...member, ring: own, forwarder, faulty }
  }

  /** Starts nodes that soon know each other. */
  async start<const Ids extends readonly string[]>(...ids: Ids): Promise<{ [I in keyof Ids]: Forwarding }> {
    const all: Forwarding[] = []
    for (const id of ids) all.push(await this.add(id))
    await this.inner.settle()
    return all as { [I in keyof Ids]: Forwarding }
  }

  /** Lets time pass, ms. */
  async run(ms: number): Promise<void> {
    await this.inner.system.run(ms)
  }

  /** Ends a node without a word to anybody's gossip; its sessions break. */
  async crash(forwarding: Forwarding): Promise<void> {
    const { members } = this.inner
    members.splice(
      members.findIndex(({ node }) => node === forwarding.node),
      1,
    )
    await forwarding.node.close()
  }
}

/** Runs a test with a cluster that is closed afterwards. */
export function withForwarding(
  test: (cluster: ForwardingCluster) => Promise<void>,
  options?: ForwardingOptions,
): () => Promise<void> {
  return async () => {
    const cluster = new ForwardingCluster(options)
    try {
      await test(cluster)
    } finally {
      await cluster.inner.close()
    }
  }
}

/** A key whose owners, in this ring, begin with these. */
export function keyOf(ring: Ring, ...owners: readonly string[]): string {
  for (let number = 0; number < 10_000; number++) {
    const key = `key ${number}`
    const named = ring.ownersOf(key, owners.length).map(({ peer }) => peer.id)
    if (named.join() === owners.join()) return key
  }
  throw new Error(`${owners.join()} own no key`)
}
