/** Nodes with storages in virtual time, over a memory network. */

import { type GossipError, Gossipmonger, type GossipmongerOptions, type JsonValue } from '../../../src/core/index.ts'
import { MemoryNetwork } from '../../../src/transports/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'

/** The wall clock of the tests begins here, ms since the epoch. */
export const WALL_MS = 1_700_000_000_000
/** A second, in ms. */
export const SECOND = 1_000

/** A message as it left. */
export interface Sent {
  readonly from: string
  readonly kind: 'digest' | 'deltas'
  /** The generation its sender's own entry or group names; undefined where it names none. */
  readonly generation: number | undefined
}

/** Everything of one test. */
export class DurableStage {
  readonly network: MemoryNetwork = new MemoryNetwork()
  readonly system: VirtualSystem = new VirtualSystem()
  readonly nodes: Gossipmonger[] = []
  readonly errors: string[] = []
  readonly sent: Sent[] = []
  readonly #tellers: ReturnType<MemoryNetwork['transport']>[] = []
  /** Added to the wall clock. */
  jumpMs = 0

  /** A node that is not started. */
  make(id: string, options: Partial<GossipmongerOptions> = {}, metadata?: JsonValue): Gossipmonger {
    const system = {
      now: () => this.system.now(),
      random: () => this.system.random(),
      startTimer: (callback: () => void, delayMs: number) => this.system.startTimer(callback, delayMs),
      wallClockMs: () => this.system.wallClockMs() + this.jumpMs,
    }
    const transport = this.network.transport(id)
    const node = new Gossipmonger({ id, metadata }, { transport, system, ...options })
    node.on('error', (error) => this.errors.push((error as GossipError).code))
    for (const kind of ['digest', 'deltas'] as const) {
      node.on(`${kind} send`, (_to, payload) => {
        const own = (payload as { id?: string; generation?: number }[]).find((item) => item.id === id)
        this.sent.push({ from: id, kind, generation: own?.generation })
      })
    }
    this.nodes.push(node)
    return node
  }

  /** Somebody says that there is a later life of a node. */
  async forceTakeover(node: Gossipmonger): Promise<void> {
    const id = `teller ${this.#tellers.length}`
    const teller = this.network.transport(id)
    this.#tellers.push(teller)
    await teller.listen()
    const numbers = { heartbeat: 1, gcVersion: 1, maxVersionSeen: 1, transport: id }
    teller.digest({ transport: node.id }, { id, transport: id }, [
      { id, ...numbers, generation: 1, clusterId: 'gossipmonger', step: 1 },
      { id: node.id, ...numbers, generation: node.generation + 5 },
    ])
    await this.system.run(1)
  }

  /** Closes all nodes. */
  async end(): Promise<void> {
    for (const node of this.nodes) await node.close()
    for (const teller of this.#tellers) await teller.close()
  }
}

/** The code a promise is rejected with; undefined when it is not. */
export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: GossipError) => error.code,
  )
}
