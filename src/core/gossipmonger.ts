/**
 * A node: drives the engine with the runtime's clock and a transport. It stamps what comes in with the time, sends and
 * tells what the engine leaves behind, and keeps the one timer armed at the engine's next deadline.
 */

import { Alarm } from './alarm.ts'
import { Announcer } from './announcer.ts'
import { DurableState } from './durable-state.ts'
import {
  Engine,
  type EngineEvent,
  type EngineStats,
  type Explanation,
  nextGeneration,
  TTL_MS_MAX,
} from './engine/index.ts'
import { InvalidValueError } from './errors.ts'
import type { JsonValue } from './json/index.ts'
import { assertNotAborted, lifecycleError, type Phase } from './lifecycle.ts'
import type { NodeEvents } from './node-events.ts'
import { OldDialect } from './old-dialect/index.ts'
import { integerIn } from './option-rules.ts'
import { type GossipmongerOptions, type PeerInfo, type ResolvedOptions, resolveOptions } from './options.ts'
import { type KnownPeer, METADATA_KEY, type PeerView, RESERVED_PREFIX } from './peer-view.ts'
import type { Transport } from './ports.ts'
import { type ReservedKeys, reservedKeysOf } from './reserved-keys.ts'
import { Uplink } from './uplink.ts'
import type { WatchChange, WatchOptions } from './watch.ts'

/** Counters since the start. */
export interface NodeStats extends EngineStats {
  /** `error` events, heard or not. */
  readonly errors: number
}

/** Changes among the peers are written after so many rounds, together with what follows. */
const PEERS_DELAY_ROUNDS = 5
const PEERS_DELAY_MS_MAX = 5_000
/** Events that are made before they are told: a first copy may bring a million of them. */
const EVENTS_AT_ONCE_MAX = 1_024

/**
 * One peer of a cluster. Its own keys are written with `set` and `delete`; everybody's are read with `get`, `entries`
 * and `watch`. `Values` gives keys their types; they are promised, not checked.
 *
 * @throws {InvalidOptionError} the constructor, for an unknown, mistyped or out-of-range option
 */
export class Gossipmonger<Values extends object = Record<string, JsonValue>> implements AsyncDisposable {
  readonly #options: ResolvedOptions
  readonly #engine: Engine
  readonly #announcer: Announcer
  readonly #uplink: Uplink
  readonly #alarm: Alarm
  readonly #durable: DurableState | undefined
  #phase: Phase = 'new'
  #isFlushing = false
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
    this.#announcer = new Announcer(this.#engine, () => system.now())
    this.#uplink = this.#makeUplink()
    this.#alarm = new Alarm(system, () => this.#act((now) => this.#engine.tick(now)))
    this.#durable = this.#makeDurable()
    const { metadata } = this.#options
    if (metadata !== undefined) this.#act((now) => this.#engine.set(METADATA_KEY, metadata, {}, now))
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
    return this.#options.advertised ?? this.#uplink.address
  }
  /** What this node says of itself; undefined when it says nothing. */
  get metadata(): JsonValue | undefined {
    return this.#engine.read(this.id, METADATA_KEY, this.#now())?.value
  }
  /** What moves this node's messages. It belongs to the node, which closes it. */
  get transport(): Transport {
    return this.#options.transport
  }
  /** Counters since the start. */
  get stats(): NodeStats {
    return { ...this.#engine.stats, errors: this.#announcer.errors }
  }

  /**
   * Takes up what the storage kept, listens, where the transport can, and begins to gossip. A transport that was not yet
   * listening is closed with the node, and so is the storage.
   *
   * @throws {LifecycleError} started or closed before, or aborted; whatever the transport's `listen` or the storage rejects with
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<this> {
    if (this.#phase !== 'new') throw lifecycleError(this.#phase)
    this.#phase = 'starting'
    try {
      assertNotAborted(options.signal)
      if (this.#durable !== undefined) await this.#openDurable(this.#durable, options.signal)
      this.#uplink.introduce()
      this.#uplink.attach()
      if (this.#uplink.canListen) await this.#uplink.listen()
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

  /**
   * Deletes a key of this node; returns whether there was one. Before the start it is not known what the storage has of
   * it, and nothing of it is taken up then. Throws as `set` does.
   */
  delete(key: keyof Values & string): boolean {
    this.#assertWritable(key)
    return this.#delete(key)
  }

  /**
   * Resolves when everything written so far is durable, by the policy of the storage; at once without a storage.
   *
   * @throws {StorageError} as a rejection: an attempt to write failed. The node goes on, and tries again
   * @throws {LifecycleError | IdConflictError} as a rejection: not started yet; closed or stopped before it was written
   */
  async flushed(): Promise<void> {
    if (this.#durable === undefined) return
    if (this.#phase === 'new') throw lifecycleError('new')
    await this.#durable.flushed()
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

  /** A remote peer; undefined for an unknown id and for this node itself. */
  peer(peerId: string): PeerView | undefined {
    return this.#announcer.view(peerId)
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
    this.#assertOpen()
    return this.#announcer.watch(options) as AsyncIterableIterator<WatchChange<Values[keyof Values]>>
  }

  /**
   * Keys that a module of this library keeps beside the embedder's, who sees none of them.
   *
   * @param area - the module's name, one for each
   */
  reservedKeys(area: string): ReservedKeys {
    return reservedKeysOf(area, {
      read: (peerId, key) => this.#engine.read(peerId, key, this.#now())?.value,
      set: (key, value) => this.#act((now) => this.#engine.set(key, value, {}, now)),
      delete: (key) => this.#delete(key),
      watch: (options) => this.#announcer.watch(options, true),
      assertOpen: () => this.#assertOpen(),
    })
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
        const events = this.#engine.takeEvents(EVENTS_AT_ONCE_MAX)
        for (const event of events) this.#tell(event)
        const messages = this.#phase === 'new' ? [] : this.#engine.takeMessages()
        const isHeld = this.#durable?.isHeld === true
        if (!isHeld) for (const message of messages) this.#uplink.send(message, this.#now())
        const hasOffered = this.#phase !== 'new' && this.#uplink.sendBulks(isHeld)
        if (events.length === 0 && messages.length === 0 && !hasOffered) break
      }
    } finally {
      this.#isFlushing = false
    }
    if (this.#phase === 'started' || this.#phase === 'closing') this.#alarm.set(this.#engine.deadline)
  }

  #tell(event: EngineEvent): void {
    this.#durable?.note(event)
    if (event.type === 'generation') {
      // Gossip repeats itself, so what would have carried a generation that is not durable yet is not kept for later.
      if (this.#durable?.isHeld !== true) this.#uplink.introduce()
    } else if (event.type === 'leave taken') this.#onLeaveTaken?.()
    else {
      this.#announcer.tell(event)
      if (event.type === 'error') this.#uplink.blame(event.error)
    }
  }

  async #close(isLeaving: boolean): Promise<void> {
    const wasStarted = this.#phase === 'started'
    this.#phase = 'closing'
    if (isLeaving && wasStarted) await this.#leave()
    this.#engine.stop()
    this.#flush()
    this.#alarm.cancel()
    this.#phase = 'closed'
    this.#announcer.endWatchers()
    try {
      await this.#uplink.close()
    } finally {
      await this.#durable?.close()
    }
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

  async #openDurable(durable: DurableState, signal: AbortSignal | undefined): Promise<void> {
    await durable.open()
    assertNotAborted(signal)
    if (this.#phase !== 'starting') throw lifecycleError(this.#phase)
  }

  #delete(key: string): boolean {
    this.#assertOpen()
    const wasThere = this.#act((now) => this.#engine.delete(key, now))
    this.#durable?.noteDeletion(key)
    return wasThere
  }

  #assertOpen(): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') throw lifecycleError(this.#phase)
  }

  #assertWritable(key: unknown): void {
    this.#assertOpen()
    if (typeof key === 'string' && key.startsWith(RESERVED_PREFIX)) {
      throw new InvalidValueError('key', `must not begin with ${RESERVED_PREFIX}: such keys belong to the library`)
    }
  }

  #makeUplink(): Uplink {
    const { transport, system, engine: options, acceptOldPeers } = this.#options
    const oldDialect = new OldDialect(this.#engine, {
      ...options,
      isAccepted: acceptOldPeers,
      messageBytesMax: transport.maxMessageBytes,
      wallClockMs: () => system.wallClockMs(),
    })
    const { clusterId, valueBytesMax } = options
    const act = <T>(use: (now: number) => T): T => this.#act(use)
    return new Uplink({
      transport,
      engine: this.#engine,
      oldDialect,
      announcer: this.#announcer,
      clusterId,
      valueBytesMax,
      act,
      now: () => system.now(),
    })
  }

  #makeDurable(): DurableState | undefined {
    const { storage, system, storedPeersMax, engine: options } = this.#options
    if (storage === undefined) return undefined
    const { clusterId, gossipIntervalMs } = options
    return new DurableState({
      storage,
      engine: this.#engine,
      system,
      clusterId,
      storedPeersMax,
      peersDelayMs: Math.min(PEERS_DELAY_ROUNDS * gossipIntervalMs, PEERS_DELAY_MS_MAX),
      act: (use) => this.#act(use),
      fail: (error) => this.#announcer.fail(error),
      onReleased: () => this.#phase === 'started' && this.#uplink.introduce(),
    })
  }
}
