/** Nodes with messengers over a carrier, in real time: the hub and two that know it. */

import { type GossipError, Gossipmonger, type JsonValue, type Transport } from '../../../src/core/index.ts'
import { Messenger } from '../../../src/messaging/index.ts'
import type { Carrier } from './carrier.ts'

/** Long enough for a busy machine; reached only by a failing test. */
const PATIENCE_MS = 20_000
const INTERVAL_MS = 20
/** A busy machine is no reason to take anybody for dead. */
const PHI = 500
/** Small enough for bridges, whose messages have to fit what UDP carries. */
const VALUE_BYTES_MAX = 512

/** One node. */
export interface Party {
  readonly id: string
  readonly node: Gossipmonger
  readonly messenger: Messenger
  readonly transport: Transport
  /** What its messenger told as `error`. */
  readonly errors: GossipError[]
}

/** All of them. */
export class Gathering {
  readonly #carrier: Carrier
  readonly #parties = new Map<string, Party>()
  /** Timers of the library keep no process alive, and in memory there is nothing else to wait for. */
  readonly #alive = setInterval(() => {}, 1_000)
  #hubAddress: JsonValue | undefined

  constructor(carrier: Carrier) {
    this.#carrier = carrier
  }

  /** One of them. */
  get(id: string): Party {
    const party = this.#parties.get(id)
    if (party === undefined) throw new Error(`there is no ${id}`)
    return party
  }

  /** The node that the others begin with. */
  get hub(): Party {
    return this.get('hub')
  }

  /** The one that cases speak for. */
  get near(): Party {
    return this.get('ada')
  }

  /** The one that it speaks to: never the hub, where two others can have a session. */
  get far(): Party {
    return this.get(this.#farId)
  }

  /** The one that is left. */
  get third(): Party {
    return this.get(this.#farId === 'hub' ? 'bob' : 'hub')
  }

  get #farId(): string {
    return this.#carrier.joinsPeers ? 'bob' : 'hub'
  }

  /** Starts all three, and waits until each holds the others live. */
  async start(): Promise<void> {
    await this.open('hub')
    await Promise.all([this.open('ada'), this.open('bob')])
    await this.known()
  }

  /** Starts one, where it was before if it has been there. */
  async open(id: string, former?: JsonValue): Promise<Party> {
    const hub = id === 'hub' ? undefined : this.#hubAddress
    const transport = this.#carrier.make({ id, hub, former })
    const node = new Gossipmonger(
      { id },
      {
        transport,
        seeds: hub === undefined ? [] : [hub],
        gossipIntervalMs: INTERVAL_MS,
        deadPeerPhi: PHI,
        valueBytesMax: VALUE_BYTES_MAX,
      },
    )
    const party: Party = { id, node, transport, messenger: new Messenger(node), errors: [] }
    party.messenger.on('error', (error) => party.errors.push(error as GossipError))
    this.#parties.set(id, party)
    await node.start()
    if (id === 'hub') this.#hubAddress = node.address
    return party
  }

  /** Ends one without a goodbye of its messenger or of its gossip. Gives its address. */
  async end(party: Party): Promise<JsonValue | undefined> {
    const { address } = party.node
    this.#parties.delete(party.id)
    await party.node.close()
    return address
  }

  /** Waits until each holds the others live. */
  async known(): Promise<void> {
    const parties = [...this.#parties.values()]
    await until('all to know each other', () =>
      parties.every(({ node }) =>
        parties.every((other) => other.node === node || node.peer(other.id)?.status === 'live'),
      ),
    )
  }

  async close(): Promise<void> {
    const parties = [...this.#parties.values()]
    this.#parties.clear()
    await Promise.all(parties.map(({ messenger }) => messenger.close()))
    await Promise.all(parties.map(({ node }) => node.close()))
    clearInterval(this.#alive)
  }
}

/** Waits for what nobody tells of. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Tries until it succeeds; whatever it fails with on the way has a code. */
export async function untilDone<T>(what: string, work: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const { code = 'no code' } = error as { readonly code?: string }
      if (!code.startsWith('GOSSIP_')) throw error
      if (performance.now() > endMs) throw new Error(`waited in vain for ${what}: ${code}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
