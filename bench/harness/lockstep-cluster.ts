/**
 * Engines in lockstep, as papers count rounds: all begin a round at the same moment, every message of one leg arrives
 * before any of the next, and the round is over before the next begins. Digests are handed over as they are.
 */

import {
  Engine,
  type EngineOptions,
  type JsonValue,
  type OutMessage,
  resolveEngineOptions,
  seededRandom,
} from '../../src/core/index.ts'
import { introduce } from './introduce.ts'

/** How the cluster is made. */
export interface LockstepSetup {
  readonly seed: number
  readonly nodes: number
  readonly engine: Omit<EngineOptions, 'seeds' | 'gossipIntervalMs'>
}

interface Letter {
  readonly from: number
  readonly message: OutMessage
}

const INTERVAL_MS = 1_000
const LEG_MS = 10

/** Node 7 has the id and the address `n7`. They know nobody until they are introduced. */
export class LockstepCluster {
  readonly engines: readonly Engine[]
  /** Chance that a message is lost, or, of contacts, only the first message of an exchange and with it all others. */
  lossChance = 0
  loses: 'messages' | 'contacts' = 'messages'
  readonly #random: () => number
  readonly #refs: readonly { readonly id: string; readonly transport: string }[]
  #now = 0

  constructor({ seed, nodes, engine }: LockstepSetup) {
    this.#random = seededRandom(seed)
    this.#refs = Array.from({ length: nodes }, (_, index) => ({ id: `n${index}`, transport: `n${index}` }))
    // No tick is ever called, so that only lockstep rounds are run.
    const options = resolveEngineOptions({ ...engine, gossipIntervalMs: INTERVAL_MS })
    this.engines = this.#refs.map(({ id, transport }, index) => {
      const made = new Engine({ id, generation: index + 1, options, random: this.#random })
      made.start({ generation: index + 1, transport }, this.#now)
      made.takeEvents()
      return made
    })
  }

  get random(): () => number {
    return this.#random
  }

  /** Everybody knows everybody from here on; two rounds prove them alive. */
  introduce(): void {
    introduce(this.engines)
    for (let round = 0; round < 2; round++) this.round()
  }

  /** Writes a key of a node. */
  set(node: number, key: string, value: string): void {
    this.#engine(node).set(key, value, {}, this.#now)
  }

  /** How far a node's copy of another's map reaches. */
  versionAt(node: number, owner: number): number {
    return this.#engine(node).peer(`n${owner}`)?.map.maxVersionSeen ?? 0
  }

  /** The version an owner has reached. */
  versionOf(owner: number): number {
    return this.#engine(owner).ownMap.maxVersionSeen
  }

  /** One round of all. */
  round(): void {
    this.#now += INTERVAL_MS
    let letters: Letter[] = []
    for (const [from, engine] of this.engines.entries()) {
      engine.gossip(this.#now)
      this.#collect(from, engine, letters)
    }
    for (let legMs = LEG_MS; letters.length > 0; legMs += LEG_MS) {
      const isLossy = this.lossChance > 0 && (this.loses === 'messages' || legMs === LEG_MS)
      letters = this.#deliver(letters, this.#now + legMs, isLossy)
    }
  }

  #deliver(letters: readonly Letter[], now: number, isLossy: boolean): Letter[] {
    const answers: Letter[] = []
    for (const { from, message } of letters) {
      if (isLossy && this.#random() < this.lossChance) continue
      const to = this.#numberOf(message.to.transport)
      const engine = this.#engine(to)
      const sender = this.#refs[from] as { readonly id: string; readonly transport: string }
      if (message.body !== undefined) engine.receiveDigestBody(sender, message.body, now)
      else engine.receiveDeltas(sender, message.payload, now)
      this.#collect(to, engine, answers)
    }
    return answers
  }

  /** Addresses are `n` and the number. */
  #numberOf(address: JsonValue): number {
    return typeof address === 'string' ? Number(address.slice(1)) : Number.NaN
  }

  #collect(from: number, engine: Engine, letters: Letter[]): void {
    engine.takeEvents()
    for (const message of engine.takeMessages()) letters.push({ from, message })
  }

  #engine(node: number): Engine {
    return this.engines[node] as Engine
  }
}
