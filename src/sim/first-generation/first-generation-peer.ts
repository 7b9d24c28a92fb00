/**
 * A node of the first generation, npm `gossipmonger` 0.1.10, for simulations with old neighbours: the same messages, the same
 * faults, the same draws of chance in the same order, but time and chance come in as arguments and messages out of an outbox.
 * The package itself cannot be shipped; the tests hold this model to it, message by message.
 */

import { integerIn, type JsonValue, type PeerRef, type SenderRef } from '../../core/index.ts'
import { answerTo } from './answer.ts'
import { OldPeerCrashedError } from './old-peer-crashed-error.ts'
import { type OldDelta, PeerRecord } from './peer-record.ts'
import { PeerTable } from './peer-table.ts'

/** What a first-generation node begins with. */
export interface FirstGenerationSetup {
  readonly id: string
  /** Its address, in whatever form the simulated network understands. */
  readonly transport: JsonValue
  /** Whom to turn to while no peer is live. */
  readonly seeds: readonly PeerRef[]
  /** Uniform in [0, 1). A round draws one to three numbers. */
  readonly random: () => number
  /** Time between rounds, ms, an integer in [1, 2^31 - 1]. @defaultValue 1_000 */
  readonly gossipIntervalMs?: number
  /** Most deltas of a message, an integer >= 1. @defaultValue 5 */
  readonly deltasMax?: number
}

/** A message a first-generation node has sent. */
export interface FirstGenerationMessage {
  readonly kind: 'digest' | 'deltas'
  readonly to: PeerRef
  readonly payload: JsonValue
}

/** From this suspicion on, a peer is dead. */
const DEAD_PEER_PHI = 8
const GOSSIP_INTERVAL_MS = 1_000
const GOSSIP_INTERVAL_MS_MAX = 2 ** 31 - 1
const DELTAS_MAX = 5
/** With fewer live peers than this, a round turns to a seed. */
const LIVE_PEERS_MIN = 1

/**
 * One first-generation node. Every call that takes `nowMs` may leave messages behind: take them after each call. `nowMs`
 * stands for the wall clock of the node's machine.
 *
 * What ends a process of the package throws {@link OldPeerCrashedError}; from then on the peer is dead: it hears nothing and does nothing.
 */
export class FirstGenerationPeer {
  readonly id: string
  readonly transport: JsonValue
  readonly #local: PeerRecord
  readonly #table = new PeerTable()
  readonly #seeds: readonly PeerRef[]
  readonly #random: () => number
  readonly #gossipIntervalMs: number
  readonly #deltasMax: number
  #outbox: FirstGenerationMessage[] = []
  #deadline = Number.POSITIVE_INFINITY
  #isDead = false

  /** @throws {InvalidOptionError} the interval or the number of deltas is out of range */
  constructor(setup: FirstGenerationSetup) {
    const { id, transport, seeds, random, gossipIntervalMs = GOSSIP_INTERVAL_MS, deltasMax = DELTAS_MAX } = setup
    this.id = id
    this.transport = fresh(transport)
    this.#local = new PeerRecord(id, { transport: this.transport })
    this.#seeds = [...seeds]
    this.#random = random
    this.#gossipIntervalMs = integerIn('gossipIntervalMs', gossipIntervalMs, 1, GOSSIP_INTERVAL_MS_MAX)
    this.#deltasMax = integerIn('deltasMax', deltasMax, 1, Number.MAX_SAFE_INTEGER)
  }

  /** When `tick` wants to be called next, ms; Infinity before the start and after the end. */
  get deadline(): number {
    return this.#deadline
  }

  /** Begins to gossip: the first round is due at once. */
  start(nowMs: number): void {
    if (!this.#isDead) this.#deadline = nowMs
  }

  /** Writes an own key. Ignored where the package takes the value for the one it has, as `[1, 2]` after `[1]`. */
  set(key: string, value: JsonValue): void {
    this.#local.updateLocal(key, value)
  }

  /**
   * Runs a round if one is due; the next is due an interval later, however late this one was.
   *
   * @throws {OldPeerCrashedError} the round chose a peer without an address
   */
  tick(nowMs: number): void {
    if (nowMs < this.#deadline) return
    this.#act('round', () => this.#round(nowMs))
  }

  /**
   * Takes in a digest and answers it with what its sender lacks, if anything.
   *
   * @throws {OldPeerCrashedError} a digest that ends the process: no list, an item null, a sender named `constructor` …
   */
  receiveDigest(remote: SenderRef, digest: JsonValue, nowMs: number): void {
    const sender = fresh(remote)
    this.#act('digest', () => {
      this.#meet(sender, nowMs)
      const deltas = answerTo(fresh(digest), { local: this.#local, table: this.#table, deltasMax: this.#deltasMax })
      if (deltas.length > 0) this.#send('deltas', sender, deltas)
    })
  }

  /**
   * Takes in deltas: of each peer that is known, those above the highest version seen of it.
   *
   * @throws {OldPeerCrashedError} deltas that end the process: no list, a delta that is none, a peer named `constructor` …
   */
  receiveDeltas(remote: SenderRef, deltas: JsonValue, nowMs: number): void {
    const sender = fresh(remote)
    this.#act('deltas', () => {
      this.#meet(sender, nowMs)
      // By the methods, as the package does: they throw for whatever is no list.
      const list = fresh(deltas) as unknown as [id: string, ...delta: OldDelta][]
      list.forEach((delta) => {
        const id = delta.shift() as string
        const [key, value, version] = delta as unknown as OldDelta
        this.#table.get(id)?.updateWithDelta(key, value, version)
      })
    })
  }

  /** What was sent since the last call, oldest first; shared with nobody. */
  takeMessages(): readonly FirstGenerationMessage[] {
    const messages = this.#outbox
    this.#outbox = []
    return messages
  }

  /** What it holds of a peer, itself included, in the package's order; empty for one it does not know. */
  entries(peerId: string): ReadonlyMap<string, { value: JsonValue; version: number }> {
    const data = (peerId === this.id ? this.#local : this.#table.heldAs(peerId))?.data ?? {}
    const entries = new Map<string, { value: JsonValue; version: number }>()
    for (const [key, held] of Object.entries(data)) {
      // A digest can bring a peer with keys of any shape; those that are none are not shown.
      if (Array.isArray(held)) entries.set(key, { value: held[0] ?? null, version: numberOf(held[1]) })
    }
    return entries
  }

  /** Whom it knows, in the package's order; itself only if it was made to speak to itself. */
  peers(): readonly { id: string; isLive: boolean; maxVersionSeen: number }[] {
    return this.#table.all().map(([id, { live, maxVersionSeen }]) => {
      return { id, isLive: Boolean(live), maxVersionSeen: numberOf(maxVersionSeen) }
    })
  }

  /** Runs a turn of the process. An error in it has nobody to catch it, and ends the process with what it would have sent. */
  #act(during: OldPeerCrashedError['during'], turn: () => void): void {
    if (this.#isDead) return
    const sent = this.#outbox.length
    try {
      turn()
    } catch (error) {
      // Any other error is not the package's: it comes from whoever runs this model.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error
      this.#isDead = true
      this.#deadline = Number.POSITIVE_INFINITY
      this.#outbox.length = sent
      throw new OldPeerCrashedError(this.id, during, error)
    }
  }

  /** Whoever sends anything is known from then on, at the address of the first contact. */
  #meet(sender: SenderRef, nowMs: number): void {
    const known = this.#table.get(sender.id)
    known?.markContact(nowMs)
    this.#table.put(known ?? new PeerRecord(sender.id, { lastTime: nowMs, transport: sender.transport }))
  }

  #round(nowMs: number): void {
    const live = this.#table.live()
    const dead = this.#table.dead()
    const digest = [...live, this.#local].map(({ id, maxVersionSeen, transport }) => ({
      id,
      maxVersionSeen,
      transport,
    }))
    if (live.length > 0) this.#send('digest', this.#chosen(live), digest)
    const deadChance = live.length === 0 ? 1 : dead.length / (live.length + 1)
    // The draw is made even where there is nobody to draw for.
    if (this.#random() < deadChance && dead.length > 0) this.#send('digest', this.#chosen(dead), digest)
    if (live.length < LIVE_PEERS_MIN && this.#seeds.length > 0) {
      const seed = this.#chosen(this.#seeds)
      if (seed.id !== this.id) this.#send('digest', seed, digest)
    }
    this.#judge(live, dead, nowMs)
    this.#deadline = nowMs + this.#gossipIntervalMs
  }

  /** Who lives and who is dead is decided after the messages, so a verdict shows in the next round. */
  #judge(live: readonly PeerRecord[], dead: readonly PeerRecord[], nowMs: number): void {
    for (const record of live) {
      const phi = record.phi(nowMs)
      if (phi > DEAD_PEER_PHI || Number.isNaN(phi)) this.#turn(record, false)
    }
    for (const record of dead) {
      if (record.phi(nowMs) < DEAD_PEER_PHI) this.#turn(record, true)
    }
  }

  #turn(record: PeerRecord, live: boolean): void {
    record.live = live
    this.#table.put(record)
  }

  #chosen<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T
  }

  /** @throws {TypeError} there is no address: the transport calls that an error, and nobody listens to errors */
  #send(kind: FirstGenerationMessage['kind'], { id, transport }: Addressee, payload: unknown): void {
    if (!transport) throw new TypeError('malformed remotePeer')
    this.#outbox.push(fresh({ kind, to: { id, transport }, payload }) as FirstGenerationMessage)
  }
}

interface Addressee {
  readonly id?: string | undefined
  readonly transport: JsonValue | undefined
}

/** What was taken over unchecked need not be a number; a list or an object is none. */
function numberOf(version: unknown): number {
  return typeof version === 'object' ? Number.NaN : Number(version)
}

/** A copy as it would arrive: through its text, shared with nobody. */
function fresh<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
