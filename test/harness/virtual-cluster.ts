/**
 * A cluster of real engines in virtual time: one queue of events, one seeded source of chance. It stays small on
 * purpose; faults beyond loss, latency, stalls and crashes are the simulator's affair.
 */

import {
  Engine,
  type EngineEvent,
  type EngineOptions,
  type JsonValue,
  type OutMessage,
  resolveEngineOptions,
} from '../../src/core/index.ts'
import { EventQueue } from '../../src/sim/world/event-queue.ts'
import { seededRandom } from './seeded-random.ts'

/** How messages fare. */
export interface VirtualNetwork {
  readonly lossChance?: number
  readonly latencyMs?: number
  /** Whether a message gets through, asked when it is sent. */
  readonly passes?: (from: string, to: string) => boolean
}

/** A node and what happened to it. */
export class VirtualNode {
  readonly id: string
  readonly engine: Engine
  readonly events: { readonly at: number; readonly event: EngineEvent }[] = []
  isUp = true
  stalledUntil = 0
  readonly waiting: (() => void)[] = []
  wakeAt: number = Number.POSITIVE_INFINITY

  constructor(id: string, engine: Engine) {
    this.id = id
    this.engine = engine
  }
}

/** Drives engines; `now` only moves in `run`. */
export class VirtualCluster {
  now = 0
  readonly nodes: Map<string, VirtualNode> = new Map()
  readonly random: () => number
  network: VirtualNetwork
  messages = 0
  /** Whether digests are handed over as they are; if not they go through JSON. */
  handsBodies = true
  /** Looks at every message when it is sent. */
  onSend: (from: VirtualNode, message: OutMessage) => void = () => {}
  keepsEvents: (event: EngineEvent) => boolean = () => true
  readonly #options: EngineOptions
  readonly #queue = new EventQueue()
  #lives = 0

  constructor(seed: number, options: EngineOptions = {}, network: VirtualNetwork = {}) {
    this.random = seededRandom(seed)
    this.#options = options
    this.network = network
  }

  add(id: string, seeds: readonly string[], options: EngineOptions = {}): VirtualNode {
    const resolved = resolveEngineOptions({ ...this.#options, seeds: [...seeds], ...options })
    const generation = ++this.#lives * 1_048_576
    const node = new VirtualNode(id, new Engine({ id, generation, options: resolved, random: this.random }))
    this.nodes.set(id, node)
    node.engine.start({ generation, transport: id }, this.now)
    this.touch(node)
    return node
  }

  node(id: string): VirtualNode {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  set(id: string, key: string, value: JsonValue, ttlMs?: number): void {
    const node = this.node(id)
    node.engine.set(key, value, { ttlMs }, this.now)
    this.touch(node)
  }

  delete(id: string, key: string): void {
    const node = this.node(id)
    node.engine.delete(key, this.now)
    this.touch(node)
  }

  crash(id: string): void {
    this.node(id).isUp = false
  }

  stall(id: string, ms: number): void {
    const node = this.node(id)
    node.stalledUntil = this.now + ms
    // On waking the timer fires before the sockets are read, as in Node.
    this.at(node.stalledUntil, () => {
      node.engine.tick(this.now)
      this.touch(node)
      for (const deliver of node.waiting.splice(0)) deliver()
    })
  }

  /** Runs until a time, in ms from now. */
  run(ms: number): void {
    const until = this.now + ms
    for (let next = this.#queue.nextAt; next <= until; next = this.#queue.nextAt) {
      this.now = next
      this.#queue.poll()?.()
    }
    this.now = until
  }

  at(time: number, run: () => void): void {
    this.#queue.add(time, run)
  }

  /** Sends what an engine left behind, keeps its events, and arms its timer. */
  touch(node: VirtualNode): void {
    for (const event of node.engine.takeEvents()) if (this.keepsEvents(event)) node.events.push({ at: this.now, event })
    for (const message of node.engine.takeMessages()) {
      this.messages++
      this.onSend(node, message)
      if (typeof message.to.transport === 'string') this.#send(node, message.to.transport, message)
    }
    const { deadline } = node.engine
    if (deadline < node.wakeAt) {
      node.wakeAt = deadline
      this.at(deadline, () => this.#wake(node, deadline))
    }
  }

  #wake(node: VirtualNode, armedFor: number): void {
    if (node.wakeAt === armedFor) node.wakeAt = Number.POSITIVE_INFINITY
    if (!node.isUp || this.now < node.stalledUntil) return
    node.engine.tick(this.now)
    this.touch(node)
  }

  #send(from: VirtualNode, to: string, message: OutMessage): void {
    const { lossChance = 0, latencyMs = 1, passes } = this.network
    if (lossChance > 0 && this.random() < lossChance) return
    if (passes !== undefined && !passes(from.id, to)) return
    const sender = { id: from.id, transport: from.engine.transport }
    this.at(this.now + latencyMs * (0.5 + this.random()), () => {
      const node = this.nodes.get(to)
      if (node?.isUp !== true) return
      const deliver = (): void => {
        const { kind, body } = message
        if (kind === 'deltas') node.engine.receiveDeltas(sender, message.payload, this.now)
        else if (body !== undefined && this.handsBodies) node.engine.receiveDigestBody(sender, body, this.now)
        else node.engine.receiveDigest(sender, JSON.parse(JSON.stringify(message.payload)), this.now)
        this.touch(node)
      }
      if (this.now < node.stalledUntil) node.waiting.push(deliver)
      else deliver()
    })
  }
}
