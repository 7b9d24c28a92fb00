/**
 * A process that runs a whole `Gossipmonger`: its clock, its one timer and its transport are the world's. Its transport
 * has an address from the start, so that nothing in it waits for a promise.
 */

import { EventEmitter } from 'eventemitter3'
import {
  type EngineEvent,
  type Explanation,
  Gossipmonger,
  type GossipmongerOptions,
  type JsonValue,
  type OutMessage,
  type PeerRef,
  type SenderRef,
  type System,
  type Transport,
  type TransportEvents,
} from '../../core/index.ts'
import type { Arrival, Copy, PeerFacts, Process, ProcessSetup, ReadableEntry, RemovalFacts } from './process.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** Drives a node. Its copies show no versions of single keys: the node does not. */
export class DriverProcess implements Process {
  readonly kind = 'driver'
  readonly #node: Gossipmonger
  readonly #transport: CollectingTransport
  readonly #timers = new Set<Timer>()
  #events: EngineEvent[] = []
  #now = 0
  #written = ''
  #hasEnded = false
  #startsLeaveTimer = false
  /** What the node said of peers since the last input: several checkers ask the same. */
  readonly #explained = new Map<string, Explanation | undefined>()

  /** @param service - called with the node before it starts */
  constructor(
    setup: ProcessSetup,
    options: Omit<GossipmongerOptions, 'transport' | 'system' | 'seeds'>,
    service?: (node: Gossipmonger, system: System) => void,
  ) {
    this.#transport = new CollectingTransport(setup.address, setup.messageBytesMax)
    const seeds = setup.seeds.map((transport) => ({ transport }))
    const system = this.#system(setup)
    this.#node = new Gossipmonger({ id: setup.id }, { ...options, seeds, transport: this.#transport, system })
    this.#listen()
    service?.(this.#node, system)
  }

  get id(): string {
    return this.#node.id
  }
  get generation(): number {
    return this.#node.generation
  }
  get isFrozen(): boolean {
    return this.#explain(this.id)?.status === 'conflict'
  }
  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#timers].map(({ at }) => at))
  }

  start(now: number): void {
    this.#enter(now)
    void this.#node.start()
  }

  tick(now: number): void {
    this.#enter(now)
    const due = [...this.#timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
    for (const timer of due) if (this.#timers.delete(timer)) timer.callback()
  }

  receive({ kind, sender, payload }: Arrival, now: number): void {
    this.#enter(now)
    if (!this.#hasEnded) this.#transport.deliver(kind, sender, payload)
  }

  set(key: string, value: JsonValue, ttlMs: number | undefined, now: number): boolean {
    this.#enter(now)
    return this.#node.set(key, value, ttlMs === undefined ? {} : { ttlMs })
  }

  delete(key: string, now: number): boolean {
    this.#enter(now)
    return this.#node.delete(key)
  }

  /**
   * The node waits for its goodbye with one timer, which it starts here, and cancels when the goodbye was taken. Its
   * promise would tell the same, but only once whoever runs the world lets promises go on.
   */
  leave(now: number): void {
    this.#enter(now)
    this.#startsLeaveTimer = !this.#hasEnded
    void this.#node.close({ leave: true })
    this.#startsLeaveTimer = false
  }

  end(): void {
    this.#hasEnded = true
    this.#timers.clear()
    void this.#node.close()
  }

  takeWritten(): boolean {
    const { generation, maxVersionSeen } = this.#explain(this.id) ?? {}
    const written = `${generation} ${maxVersionSeen}`
    const hasWritten = written !== this.#written
    this.#written = written
    return hasWritten
  }

  takeMessages(): readonly OutMessage[] {
    return this.#transport.take()
  }

  takeEvents(): readonly EngineEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  own(): Copy {
    return this.#copyOf(this.id)
  }

  peers(): Iterable<PeerFacts> {
    return this.#node.peers()
  }

  peer(id: string): PeerFacts | undefined {
    const explanation = this.#explain(id)
    if (explanation === undefined) return undefined
    const { status, generation, heartbeat } = explanation
    return status === 'removed' || status === 'self' || status === 'conflict'
      ? undefined
      : { id, status, generation, heartbeat }
  }

  removal(id: string): RemovalFacts | undefined {
    const explanation = this.#node.explain(id)
    return explanation?.status === 'removed' ? explanation : undefined
  }

  copy(id: string): Copy | undefined {
    const explanation = this.#explain(id)
    return explanation === undefined || explanation.status === 'removed' ? undefined : this.#copyOf(id)
  }

  /** Before every input. */
  #enter(now: number): void {
    this.#now = now
    this.#explained.clear()
  }

  #explain(id: string): Explanation | undefined {
    const present = this.#explained.get(id)
    if (present !== undefined) return present
    const explanation = this.#node.explain(id)
    this.#explained.set(id, explanation)
    return explanation
  }

  #copyOf(id: string): Copy {
    const { generation = 0, gcVersion = 0, maxVersionSeen = 0, hash = '', isStale = true } = this.#explain(id) ?? {}
    const readable = (): ReadableEntry[] =>
      [...this.#node.entries(id)].map(([key, value]) => ({ key, value, version: undefined }))
    const read = (key: string): ReadableEntry | undefined => {
      const value = this.#node.get(id, key)
      return value === undefined ? undefined : { key, value, version: undefined }
    }
    return { generation, gcVersion, maxVersionSeen, hash, isStale, readable, read, held: () => undefined }
  }

  #system({ random, wallClockMs }: ProcessSetup): System {
    return {
      now: () => this.#now,
      wallClockMs,
      random,
      startTimer: (callback, delayMs) => {
        const isLeave = this.#startsLeaveTimer
        this.#startsLeaveTimer = false
        const tellLeft = (): void => void (isLeave && this.#events.push({ type: 'leave taken' }))
        const timer = {
          at: this.#now + delayMs,
          callback: () => {
            callback()
            tellLeft()
          },
        }
        if (!this.#hasEnded) this.#timers.add(timer)
        return () => {
          if (this.#timers.delete(timer)) tellLeft()
        }
      },
    }
  }

  /** The node's events as the engine's, so that checkers know one kind. */
  #listen(): void {
    const node = this.#node
    const tell = (event: EngineEvent): void => void this.#events.push(event)
    for (const type of ['new peer', 'peer live', 'peer dead', 'peer left'] as const) {
      node.on(type, (peer) => tell({ type, peerId: peer.id }))
    }
    node.on('peer removed', (peerId) => tell({ type: 'peer removed', peerId, keys: [] }))
    node.on('update', (peerId, key, value) => tell({ type: 'update', peerId, key, value }))
    node.on('delete', (peerId, key) => tell({ type: 'delete', peerId, key }))
    node.on('conflict', (error) => tell({ type: 'conflict', error }))
    node.on('error', (error) => tell({ type: 'error', error }))
  }
}

/** Keeps what is sent until the world takes it. */
class CollectingTransport implements Transport {
  readonly address: JsonValue
  readonly maxMessageBytes: number
  readonly #emitter = new EventEmitter<TransportEvents>()
  #messages: OutMessage[] = []

  constructor(address: JsonValue, maxMessageBytes: number) {
    this.address = address
    this.maxMessageBytes = maxMessageBytes
  }

  digest(to: PeerRef, _local: SenderRef, payload: JsonValue): void {
    this.#messages.push({ kind: 'digest', to, payload })
  }

  deltas(to: PeerRef, _local: SenderRef, payload: JsonValue): void {
    this.#messages.push({ kind: 'deltas', to, payload })
  }

  on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): void {
    this.#emitter.on(event, listener as never)
  }

  off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): void {
    this.#emitter.off(event, listener as never)
  }

  deliver(kind: 'digest' | 'deltas', sender: SenderRef, payload: JsonValue): void {
    this.#emitter.emit(kind, ...([sender, payload] as never))
  }

  take(): readonly OutMessage[] {
    const taken = this.#messages
    if (taken.length > 0) this.#messages = []
    return taken
  }
}
