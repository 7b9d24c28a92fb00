/**
 * A cluster of nodes of ours and of the real first-generation package, in virtual time. Messages travel as JSON text, may
 * be lost, late and out of order. Whatever reaches an old node is checked to be something it survives.
 */

import { EventEmitter } from 'node:events'
import {
  Gossipmonger,
  type GossipmongerOptions,
  type JsonValue,
  type PeerRef,
  type SenderRef,
  type System,
} from '../../../src/core/index.ts'
import { loadOldPackage, type OldPackageNode } from '../../harness/old-package.ts'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'

/** How messages fare. */
export interface MixedNetwork {
  lossChance: number
  latencyMs: number
  /** Latencies are spread from 0 to twice the latency times this. */
  jitter: number
  passes: (from: string, to: string) => boolean
}

type Kind = 'digest' | 'deltas'
type Address = { readonly host: string; readonly port: number }

/** A message on its way. */
export interface Sent {
  readonly from: string
  readonly to: string
  readonly kind: Kind
  readonly payload: JsonValue
}

/** A node of ours. */
export interface NewNode {
  readonly node: Gossipmonger
  readonly isAccepting: boolean
  readonly errors: Error[]
  readonly life: Life
}

/** A node of the package. */
export interface OldNode {
  readonly node: OldPackageNode
  readonly errors: Error[]
  readonly life: Life
}

interface Life {
  readonly id: string
  readonly address: Address
  isOver: boolean
  readonly receive: (kind: Kind, sender: SenderRef, payload: JsonValue) => void
}

/** Where virtual time starts on the wall clock, ms. */
const EPOCH_MS = 1_700_000_000_000
const FORBIDDEN = ['data', 'live', 'intervals', 'intervalsMean', 'lastTime', 'MAX_INTERVALS', 'sum']

/** Drives both kinds; time only moves in `run`. */
export class MixedCluster {
  readonly network: MixedNetwork = { lossChance: 0, latencyMs: 5, jitter: 0.5, passes: () => true }
  readonly news: Map<string, NewNode> = new Map()
  readonly olds: Map<string, OldNode> = new Map()
  /** Sees every message when it is sent, whatever becomes of it. */
  onSend: (sent: Sent) => void = () => {}
  /** Added to the wall clock of nodes of ours, ms. */
  clockErrorMs = 0
  readonly #time: VirtualCluster
  readonly #options: Partial<GossipmongerOptions>
  readonly #lives = new Map<string, Life>()
  readonly #ports = new Map<string, number>()

  constructor(seed: number, options: Partial<GossipmongerOptions> = {}) {
    this.#time = new VirtualCluster(seed)
    this.#options = { acceptOldPeers: true, ...options }
  }

  get now(): number {
    return this.#time.now
  }

  get random(): () => number {
    return this.#time.random
  }

  /** The address of an id: always the same one unless a port is asked for. */
  address(id: string, port?: number): Address {
    if (port === undefined && !this.#ports.has(id)) this.#ports.set(id, 10_000 + this.#ports.size)
    return { host: 'h', port: port ?? (this.#ports.get(id) as number) }
  }

  /** Starts a node of ours, in place of whatever has its id. */
  addNew(id: string, seeds: readonly string[], options: Partial<GossipmongerOptions> = {}, port?: number): NewNode {
    this.crash(id)
    const errors: Error[] = []
    const events = new EventEmitter()
    const address = this.address(id, port)
    const life: Life = {
      id,
      address,
      isOver: false,
      receive: (kind, sender, payload) => void events.emit(kind, sender, payload),
    }
    const transport = {
      address,
      digest: (to: PeerRef, local: SenderRef, payload: JsonValue) => this.#send(life, to, local, 'digest', payload),
      deltas: (to: PeerRef, local: SenderRef, payload: JsonValue) => this.#send(life, to, local, 'deltas', payload),
      on: events.on.bind(events),
      off: events.off.bind(events),
    }
    const seedOptions = { seeds: seeds.map((seed) => ({ transport: this.address(seed) })) }
    const all = { ...this.#options, ...seedOptions, ...options, transport, system: this.#system(life) }
    const node = new Gossipmonger({ id }, all)
    node.on('error', (error) => errors.push(error))
    this.#begin(life)
    void node.start()
    const made = { node, isAccepting: all.acceptOldPeers === true, errors, life }
    this.news.set(id, made)
    return made
  }

  /** Starts a node of the package, in place of whatever has its id. Its keys are written before its first round. */
  addOld(
    id: string,
    seeds: readonly string[],
    keys: Readonly<Record<string, JsonValue>> = {},
    options: { MAX_DELTAS_PER_GOSSIP?: number; port?: number } = {},
  ): OldNode {
    this.crash(id)
    const errors: Error[] = []
    const address = this.address(id, options.port)
    const transport = new EventEmitter()
    const life: Life = {
      id,
      address,
      isOver: false,
      receive: (kind, sender, payload) => {
        // A node that refuses old peers may well offend them; its own tests say what it sends.
        if (this.news.get(sender.id)?.isAccepting === false) return
        assertBearable(kind, payload, id)
        transport.emit(kind, sender, payload)
      },
    }
    Object.assign(transport, {
      digest: (to: PeerRef, local: SenderRef, payload: JsonValue) => this.#send(life, to, local, 'digest', payload),
      deltas: (to: PeerRef, local: SenderRef, payload: JsonValue) => this.#send(life, to, local, 'deltas', payload),
    })
    const OldGossipmonger = loadOldPackage({
      now: () => EPOCH_MS + this.now,
      random: this.random,
      setTimeout: (callback, delayMs) => this.#startTimer(life, callback, delayMs),
      clearTimeout: (timer) => (timer as () => void)(),
    })
    const seedRefs = seeds.map((seed) => ({ id: seed, transport: this.address(seed) }))
    const node = new OldGossipmonger({ id, transport: address }, { transport, seeds: seedRefs, ...options })
    node.on('error', (error: Error) => errors.push(error))
    for (const [key, value] of Object.entries(keys)) node.update(key, value)
    this.#begin(life)
    // Nodes are not in step.
    this.#startTimer(life, () => node.gossip(), 1_000 * this.random())
    const made = { node, errors, life }
    this.olds.set(id, made)
    return made
  }

  /** Ends a node without a word. */
  crash(id: string): void {
    const life = this.news.get(id)?.life ?? this.olds.get(id)?.life
    if (life === undefined) return
    life.isOver = true
    const key = JSON.stringify(life.address)
    if (this.#lives.get(key) === life) this.#lives.delete(key)
    this.news.delete(id)
    this.olds.delete(id)
  }

  new(id: string): Gossipmonger {
    return this.news.get(id)?.node as Gossipmonger
  }

  old(id: string): OldPackageNode {
    return this.olds.get(id)?.node as OldPackageNode
  }

  run(ms: number): void {
    this.#time.run(ms)
  }

  /** Delivers a message as if somebody had sent it. */
  deliver(to: string, kind: Kind, sender: SenderRef, payload: JsonValue): void {
    ;(this.news.get(to) ?? this.olds.get(to))?.life.receive(kind, sender, copyOf(payload))
  }

  /** What is wrong, in words; empty when all live nodes agree on each other's keys. */
  disagreements(): string[] {
    const problems: string[] = []
    const owners = new Map<string, string>()
    for (const [id, { node }] of this.news) owners.set(id, shown(Object.fromEntries(node.entries(id))))
    for (const [id, { node }] of this.olds) owners.set(id, shown(valuesOf(node.localPeer.data)))
    const check = (reader: string, owner: string, seen: string): void => {
      if (reader !== owner && seen !== owners.get(owner)) {
        problems.push(`${reader} reads of ${owner} ${seen}, but it is ${owners.get(owner)}`)
      }
    }
    for (const owner of owners.keys()) {
      for (const [id, { node }] of this.news) check(id, owner, shown(Object.fromEntries(node.entries(owner))))
      for (const [id, { node }] of this.olds) check(id, owner, shown(valuesOf(node.storage.get(owner)?.data ?? {})))
    }
    return problems
  }

  /** Who does not hold whom live, as `reader owner`. */
  notLive(): string[] {
    const ids = [...this.news.keys(), ...this.olds.keys()]
    const missing: string[] = []
    for (const [id, { node }] of this.news) {
      const live = new Set(node.livePeers().map((peer) => peer.id))
      for (const other of ids) if (other !== id && !live.has(other)) missing.push(`${id} ${other}`)
    }
    for (const [id, { node }] of this.olds) {
      const live = new Set(node.storage.livePeers().map((peer) => peer.id))
      for (const other of ids) if (other !== id && !live.has(other)) missing.push(`${id} ${other}`)
    }
    return missing
  }

  /** Runs until nothing is wrong, looking every `stepMs`; how long it took, or Infinity. */
  runUntil(isDone: () => boolean, limitMs: number, stepMs = 500): number {
    const from = this.now
    while (!isDone()) {
      if (this.now - from >= limitMs) return Number.POSITIVE_INFINITY
      this.run(stepMs)
    }
    return this.now - from
  }

  #begin(life: Life): void {
    this.#lives.set(JSON.stringify(life.address), life)
  }

  #system(life: Life): System {
    return {
      now: () => this.now,
      wallClockMs: () => EPOCH_MS + this.clockErrorMs + this.now,
      random: this.random,
      startTimer: (callback, delayMs) => this.#startTimer(life, callback, delayMs),
    }
  }

  #startTimer(life: Life, callback: () => void, delayMs: number): () => void {
    let isCancelled = false
    this.#time.at(this.now + delayMs, () => {
      if (!isCancelled && !life.isOver) callback()
    })
    return () => {
      isCancelled = true
    }
  }

  #send(from: Life, to: PeerRef, local: SenderRef, kind: Kind, payload: JsonValue): void {
    if (from.isOver) return
    const sender = copyOf({ id: local.id, transport: local.transport }) as unknown as SenderRef
    const { lossChance, latencyMs, jitter, passes } = this.network
    const key = JSON.stringify(to.transport)
    const target = this.#lives.get(key)
    this.onSend({ from: from.id, to: target?.id ?? key, kind, payload })
    if (lossChance > 0 && this.random() < lossChance) return
    const text = copyOf(payload)
    const delayMs = latencyMs * (1 - jitter + 2 * jitter * this.random())
    this.#time.at(this.now + delayMs, () => {
      const there = this.#lives.get(key)
      if (there !== undefined && passes(from.id, there.id)) there.receive(kind, sender, text)
    })
  }
}

/** What the package survives: anything else ends its process, or stays in its tables for ever. */
function assertBearable(kind: Kind, payload: JsonValue, reader: string): void {
  const fail = (problem: string): never => {
    throw new Error(`${reader} was sent a ${kind} it cannot bear: ${problem} in ${JSON.stringify(payload)}`)
  }
  if (!Array.isArray(payload)) return fail('it is no array')
  for (const item of payload as readonly JsonValue[]) {
    if (kind === 'deltas') {
      if (!Array.isArray(item) || item.length !== 4 || typeof item[3] !== 'number') fail('a delta that is not flat')
      continue
    }
    const fields = item as Record<string, JsonValue | undefined>
    if (typeof fields['id'] !== 'string' || fields['id'] in {}) fail('an item without a name')
    if (typeof fields['transport'] !== 'object' || fields['transport'] === null) fail('an item without an address')
    for (const name of FORBIDDEN) if (name in fields) fail(`a field ${name}`)
  }
}

function copyOf(value: JsonValue | SenderRef): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue
}

function valuesOf(data: OldPackageNode['localPeer']['data']): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(data).map(([key, [value]]) => [key, value]))
}

/** In the order of keys; keys that are null are gone, as far as the package can say so. */
function shown(values: Readonly<Record<string, JsonValue>>): string {
  const present = Object.entries(values).filter(([, value]) => value !== null)
  return JSON.stringify(Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1))))
}
