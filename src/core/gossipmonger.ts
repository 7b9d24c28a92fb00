/**
 * A node: drives the engine with the runtime's clock and a transport. It stamps what comes in with the time, sends and
 * tells what the engine leaves behind, and keeps the one timer armed at the engine's next deadline.
 */

import { Announcer } from './announcer.ts'
import { BulkTraffic } from './bulk-traffic.ts'
import {
  Engine,
  type EngineEvent,
  type EngineStats,
  type Explanation,
  nextGeneration,
  TTL_MS_MAX,
} from './engine/index.ts'
import { InvalidValueError, LifecycleError, MalformedMessageError, RefusedMessageError } from './errors.ts'
import type { JsonValue } from './json/index.ts'
import type { NodeEvents } from './node-events.ts'
import { OldDialect } from './old-dialect/index.ts'
import { integerIn } from './option-rules.ts'
import { type GossipmongerOptions, type PeerInfo, type ResolvedOptions, resolveOptions } from './options.ts'
import { type KnownPeer, METADATA_KEY, type PeerView, RESERVED_PREFIX } from './peer-view.ts'
import type { Hello, SenderRef, TransportEvents } from './ports.ts'
import type { WatchChange, WatchOptions } from './watch.ts'

/** Version of the protocol this library speaks, as it stands in hellos. */
export const PROTOCOL_VERSION = 1

/** Counters since the start. */
export interface NodeStats extends EngineStats {
  /** `error` events, heard or not. */
  readonly errors: number
}

type Phase = 'new' | 'starting' | 'started' | 'closing' | 'closed'

/** Timers count in 31 bits. */
const TIMER_MS_MAX = 2 ** 30

/**
 * One peer of a cluster. Its own keys are written with `set` and `delete`; everybody's are read with `get`, `entries`
 * and `watch`. `Values` gives keys their types; they are promised, not checked.
 *
 * @throws {InvalidOptionError} the constructor, for an unknown, mistyped or out-of-range option
 */
export class Gossipmonger<Values extends object = Record<string, JsonValue>> implements AsyncDisposable {
  readonly #options: ResolvedOptions
  readonly #engine: Engine
  readonly #oldDialect: OldDialect
  readonly #announcer: Announcer
  readonly #bulks: BulkTraffic
  #phase: Phase = 'new'
  #ownsTransport = false
  #isFlushing = false
  #cancelTimer: (() => void) | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #closing: Promise<void> | undefined
  #onLeaveTaken: (() => void) | undefined

  constructor(peer: PeerInfo, options: GossipmongerOptions) {
    this.#options = resolveOptions(peer, options)
    const { id, system, transport, engine } = this.#options
    this.#engine = new Engine({
      id,
      generation: nextGeneration(Math.floor(system.wallClockMs()) * 1_024, () => system.random()),
      options: engine,
      random: () => system.random(),
      messageBytesMax: transport.maxMessageBytes,
      canReach: transport.canReach === undefined ? undefined : (peer) => transport.canReach?.(peer) !== false,
      canBulk: transport.bulk === undefined ? undefined : (peer) => transport.canBulk?.(peer) !== false,
    })
    this.#oldDialect = new OldDialect(this.#engine, {
      ...engine,
      isAccepted: this.#options.acceptOldPeers,
      messageBytesMax: transport.maxMessageBytes,
      wallClockMs: () => system.wallClockMs(),
    })
    this.#announcer = new Announcer(this.#engine, () => system.now())
    this.#bulks = new BulkTraffic(this.#engine, {
      transport,
      valueBytesMax: engine.valueBytesMax,
      act: (use) => this.#act(use),
      now: () => system.now(),
      fail: (error) => this.#announcer.fail(error),
    })
    const { metadata } = this.#options
    if (metadata !== undefined) this.#engine.set(METADATA_KEY, metadata, {}, system.now())
  }

  /** This node's name. */
  get id(): string {
    return this.#options.id
  }
  /** This life of the name; higher in every later one. */
  get generation(): number {
    return this.#engine.generation
  }
  /** Where peers reach this node; undefined until it has started. */
  get address(): JsonValue | undefined {
    return this.#options.advertised ?? this.#options.transport.address
  }
  /** Counters since the start. */
  get stats(): NodeStats {
    return { ...this.#engine.stats, errors: this.#announcer.errors }
  }

  /**
   * Listens, where the transport can, and begins to gossip. A transport that was not yet listening is closed with the node.
   *
   * @throws {LifecycleError} started or closed before, or aborted; whatever the transport's `listen` throws
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<this> {
    if (this.#phase !== 'new') throw lifecycleError(this.#phase)
    this.#phase = 'starting'
    const { transport } = this.#options
    try {
      assertNotAborted(options.signal)
      transport.introduce?.(this.#hello())
      this.#listenToTransport('on')
      if (transport.listen !== undefined && transport.address === undefined) {
        this.#ownsTransport = true
        await transport.listen()
      }
      assertNotAborted(options.signal)
    } catch (error) {
      await this.close()
      throw error
    }
    if (this.#phase !== 'starting') throw lifecycleError(this.#phase)
    this.#phase = 'started'
    const { generation } = this
    this.#act((now) => this.#engine.start({ generation, transport: this.address ?? null }, now))
    return this
  }

  /** Runs one round now. */
  gossip(): void {
    if (this.#phase !== 'started') throw lifecycleError(this.#phase)
    this.#act((now) => this.#engine.gossip(now))
  }

  /**
   * Stops, for good. With `leave` the cluster is told first, so that nobody takes it for a failure.
   * Resolves when every handle of the node is released.
   */
  close(options: { readonly leave?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(options.leave === true)
    return this.#closing
  }

  /** Leaves and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ leave: true })
  }

  /**
   * Writes a key of this node. Setting a deep-equal value again changes nothing.
   *
   * @param options - `ttlMs`: the key is deleted everywhere after this time unless it is set again, ms, 1 to 2^43
   * @returns whether anything changed
   * @throws {InvalidValueError | ValueTooLargeError | CapacityError | IdConflictError | LifecycleError} nothing was written
   */
  set<K extends keyof Values & string>(key: K, value: Values[K], options: { readonly ttlMs?: number } = {}): boolean {
    this.#assertWritable(key)
    const ttlMs = options.ttlMs === undefined ? undefined : integerIn('ttlMs', options.ttlMs, 1, TTL_MS_MAX)
    return this.#act((now) => this.#engine.set(key, value, { ttlMs }, now))
  }

  /** Deletes a key of this node; returns whether there was one. Throws as `set` does. */
  delete(key: keyof Values & string): boolean {
    this.#assertWritable(key)
    return this.#act((now) => this.#engine.delete(key, now))
  }

  /** A peer's value, this node's included; undefined when there is none. The value is frozen. */
  get<K extends keyof Values & string>(peerId: string, key: K): Values[K] | undefined {
    return this.#engine.read(peerId, key, this.#now())?.value as Values[K] | undefined
  }

  /** All keys and values of a peer, this node's included. */
  entries(peerId: string): ReadonlyMap<string, Values[keyof Values]> {
    const readable = this.#engine.readAll(peerId, this.#now()).filter(({ key }) => !key.startsWith(RESERVED_PREFIX))
    return new Map(readable.map(({ key, value }) => [key, value as Values[keyof Values]]))
  }

  /** All remote peers known, whatever their status. */
  peers(): readonly PeerView[] {
    return this.#engine.peers().flatMap(({ id }) => this.#announcer.view(id) ?? [])
  }

  /** Remote peers whose heartbeats rise. */
  livePeers(): readonly PeerView[] {
    return this.peers().filter((peer) => peer.status === 'live')
  }

  /** Remote peers that have been silent for too long. */
  deadPeers(): readonly PeerView[] {
    return this.peers().filter((peer) => peer.status === 'dead')
  }

  /** Peers to come back to, as JSON: store them, and give them as `seeds` next time. */
  knownPeers(): readonly KnownPeer[] {
    return this.peers().flatMap(({ id, transport, status }) =>
      transport === undefined || status === 'left' ? [] : [{ id, transport }],
    )
  }

  /** Why a peer, or this node, is held to be what it is; undefined for an unknown id. */
  explain(peerId: string): Explanation | undefined {
    return this.#engine.explain(peerId, this.#now())
  }

  /** Follows keys and peers: first what is there, then `synced`, then what changes. Ends with the node or the signal. */
  watch(options: WatchOptions = {}): AsyncIterableIterator<WatchChange<Values[keyof Values]>> {
    if (this.#phase === 'closing' || this.#phase === 'closed') throw lifecycleError(this.#phase)
    return this.#announcer.watch(options) as AsyncIterableIterator<WatchChange<Values[keyof Values]>>
  }

  on<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): this {
    this.#announcer.emitter.on(event, listener)
    return this
  }

  once<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): this {
    this.#announcer.emitter.once(event, listener)
    return this
  }

  off<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): this {
    this.#announcer.emitter.off(event, listener)
    return this
  }

  readonly #onDigest: TransportEvents['digest'] = (remote, digest) => {
    this.#announcer.emitter.emit('digest receive', remote, digest)
    this.#act((now) => {
      if (!this.#oldDialect.receiveDigest(remote, digest, now)) this.#engine.receiveDigest(remote, digest, now)
    })
  }

  readonly #onDeltas: TransportEvents['deltas'] = (remote, deltas) => {
    this.#announcer.emitter.emit('deltas receive', remote, deltas)
    this.#act((now) => {
      if (!this.#oldDialect.receiveDeltas(remote, deltas, now)) this.#engine.receiveDeltas(remote, deltas, now)
    })
  }

  readonly #onHello = (remote: SenderRef, hello: Hello): void => {
    this.#engine.admitSender(remote.id)
    const { valueBytesMax } = this.#options.engine
    if (hello.valueBytesMax === valueBytesMax) return
    const problem = `valueBytesMax is ${hello.valueBytesMax} there and ${valueBytesMax} here: values in between will not spread`
    this.#announcer.fail(new RefusedMessageError('GOSSIP_VALUE_LIMIT_DIFFERS', problem, remote))
  }

  readonly #onError = (error: Error): void => this.#announcer.fail(error)

  #listenToTransport(method: 'on' | 'off'): void {
    const { transport } = this.#options
    transport[method]('digest', this.#onDigest)
    transport[method]('deltas', this.#onDeltas)
    transport[method]('hello', this.#onHello)
    transport[method]('bulk', this.#bulks.onBulk)
    transport[method]('error', this.#onError)
  }

  #now(): number {
    return this.#options.system.now()
  }

  /** Every use of the engine: stamped with the time, followed by what it leaves behind. */
  #act<T>(use: (now: number) => T): T {
    const result = use(this.#now())
    this.#flush()
    return result
  }

  /** Tells and sends until nothing is left; listeners that act on the node only add to what is left. */
  #flush(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    try {
      for (;;) {
        const events = this.#engine.takeEvents()
        for (const event of events) this.#tell(event)
        const messages = this.#phase === 'new' ? [] : this.#engine.takeMessages()
        for (const message of messages) this.#send(message)
        const hasOffered = this.#phase !== 'new' && this.#bulks.send()
        if (events.length === 0 && messages.length === 0 && !hasOffered) break
      }
    } finally {
      this.#isFlushing = false
    }
    this.#armTimer()
  }

  #send(message: ReturnType<Engine['takeMessages']>[number]): void {
    const { transport } = this.#options
    const local = { id: this.id, transport: this.#engine.transport }
    for (const { kind, to, payload } of this.#oldDialect.translate(message, this.#now())) {
      this.#announcer.emitter.emit(`${kind} send`, to, payload)
      try {
        transport[kind](to, local, payload)
      } catch (error) {
        this.#announcer.fail(error instanceof Error ? error : new MalformedMessageError(String(error), to))
      }
    }
  }

  #armTimer(): void {
    if (this.#phase !== 'started' && this.#phase !== 'closing') return
    const { deadline } = this.#engine
    if (deadline === this.#timerAt) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#timerAt = deadline
    if (deadline === Number.POSITIVE_INFINITY) return
    const delayMs = Math.min(Math.max(0, Math.ceil(deadline - this.#now())), TIMER_MS_MAX)
    this.#cancelTimer = this.#options.system.startTimer(() => {
      this.#timerAt = Number.NaN
      this.#act((now) => this.#engine.tick(now))
    }, delayMs)
  }

  #tell(event: EngineEvent): void {
    if (event.type === 'generation') this.#options.transport.introduce?.(this.#hello())
    else if (event.type === 'leave taken') this.#onLeaveTaken?.()
    else this.#announcer.tell(event)
  }

  async #close(isLeaving: boolean): Promise<void> {
    const wasStarted = this.#phase === 'started'
    this.#phase = 'closing'
    if (isLeaving && wasStarted) await this.#leave()
    this.#engine.stop()
    this.#flush()
    this.#cancelTimer?.()
    this.#phase = 'closed'
    this.#announcer.endWatchers()
    if (this.#ownsTransport) await this.#options.transport.close?.()
    this.#listenToTransport('off')
  }

  /** Says goodbye and waits until it was taken, but not for ever. */
  async #leave(): Promise<void> {
    const { system, leaveTimeoutMs } = this.#options
    await new Promise<void>((resolve) => {
      const cancel = system.startTimer(resolve, leaveTimeoutMs)
      this.#onLeaveTaken = () => {
        cancel()
        resolve()
      }
      this.#act((now) => this.#engine.leave(now))
    })
  }

  #assertWritable(key: unknown): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') throw lifecycleError(this.#phase)
    if (typeof key === 'string' && key.startsWith(RESERVED_PREFIX)) {
      throw new InvalidValueError('key', `must not begin with ${RESERVED_PREFIX}: such keys belong to the library`)
    }
  }

  #hello(): Hello {
    const { clusterId, valueBytesMax } = this.#options.engine
    const { id, generation } = this
    const features = this.#options.transport.bulk === undefined ? [] : ['bulk']
    return { protocolVersion: PROTOCOL_VERSION, clusterId, id, generation, features, valueBytesMax }
  }
}

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LifecycleError('GOSSIP_ABORTED', 'start was aborted')
}

function lifecycleError(phase: Phase): LifecycleError {
  if (phase === 'new')
    return new LifecycleError('GOSSIP_NODE_NOT_STARTED', 'this node has not started: call start() first')
  if (phase === 'starting' || phase === 'started')
    return new LifecycleError('GOSSIP_NODE_STARTED', 'this node has started already')
  return new LifecycleError('GOSSIP_NODE_CLOSED', 'this node is closed: make a new one')
}
