/**
 * A node as the embedder sees it: checks what it is asked for, reads what there is, and leaves the rest to its driver.
 */

import type { Announcer } from './announcer.ts'
import { Driver } from './driver.ts'
import { type Engine, type EngineStats, type Explanation, TTL_MS_MAX } from './engine/index.ts'
import { InvalidValueError, LifecycleError } from './errors.ts'
import type { JsonValue } from './json/index.ts'
import { lifecycleError } from './lifecycle.ts'
import type { NodeEvents } from './node-events.ts'
import { integerIn } from './option-rules.ts'
import { type GossipmongerOptions, type PeerInfo, type ResolvedOptions, resolveOptions } from './options.ts'
import { type KnownPeer, METADATA_KEY, type PeerView, RESERVED_PREFIX } from './peer-view.ts'
import type { LoadedPlugins, Plugin, PluginHost, PluginNode } from './plugin.ts'
import type { Transport } from './ports.ts'
import { type ReservedKeys, reservedKeysOf } from './reserved-keys.ts'
import type { WatchChange } from './watch.ts'
import type { WatchOptions } from './watch-filter.ts'

/** Counters since the start. */
export interface NodeStats extends EngineStats {
  /** `error` events, heard or not. */
  readonly errors: number
}

/**
 * One peer of a cluster. Its own keys are written with `set` and `delete`; everybody's are read with `get`, `entries`
 * and `watch`. `Values` gives keys their types; they are promised, not checked.
 *
 * @throws {InvalidOptionError} the constructor, for an unknown, mistyped or out-of-range option
 */
export class Gossipmonger<Values extends object = Record<string, JsonValue>> implements AsyncDisposable {
  readonly #options: ResolvedOptions
  readonly #driver: Driver
  readonly #engine: Engine
  readonly #announcer: Announcer
  #plugins: PluginHost | undefined

  constructor(peer: PeerInfo, options: GossipmongerOptions) {
    this.#options = resolveOptions(peer, options)
    this.#driver = new Driver(this.#options)
    this.#engine = this.#driver.engine
    this.#announcer = this.#driver.announcer
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
    return this.#driver.address
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
    await this.#driver.start(options.signal)
    return this
  }

  /** Runs one round now; a paused node runs none. */
  gossip(): void {
    this.#assertStarted()
    this.#driver.act((now) => this.#engine.gossip(now))
  }

  /** Whether gossip is paused. */
  get isPaused(): boolean {
    return this.#engine.isPaused
  }

  /**
   * Runs no rounds and reads no messages until `resume`. Keys can be written and read; the others soon take this node
   * for dead. Nothing happens on a node that is paused.
   *
   * @throws {LifecycleError} not started, or closed
   */
  pause(): void {
    this.#assertStarted()
    this.#driver.act((now) => this.#engine.pause(now))
  }

  /** Gossips again, at once. Nobody is held to have been silent during the pause. Throws as `pause` does. */
  resume(): void {
    this.#assertStarted()
    this.#driver.act((now) => this.#engine.resume(now))
  }

  /**
   * Stops, for good. With `leave` the cluster is told first, so that nobody takes it for a failure.
   * Resolves when every handle of the node is released.
   */
  close(options: { readonly leave?: boolean } = {}): Promise<void> {
    return this.#driver.close(options.leave === true)
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
    return this.#driver.act((now) => this.#engine.set(key, value, { ttlMs }, now))
  }

  /**
   * Deletes a key of this node; returns whether there was one. Before the start it is not known what the storage has of
   * it, and nothing of it is taken up then. Throws as `set` does.
   */
  delete(key: keyof Values & string): boolean {
    this.#assertWritable(key)
    return this.#driver.delete(key)
  }

  /**
   * Resolves when everything written so far is durable, by the policy of the storage; at once without a storage.
   *
   * @throws {StorageError} as a rejection: an attempt to write failed. The node goes on, and tries again
   * @throws {LifecycleError | IdConflictError} as a rejection: not started yet; closed or stopped before it was written
   */
  async flushed(): Promise<void> {
    await this.#driver.flushed()
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
      set: (key, value) => this.#driver.act((now) => this.#engine.set(key, value, {}, now)),
      delete: (key) => this.#driver.delete(key),
      watch: (options) => this.#announcer.watch(options, true),
      assertOpen: () => this.#assertOpen(),
    })
  }

  /**
   * Loads a plug-in, or all plug-ins of a folder. They run on the node's messenger, which is made before.
   *
   * @param plugin - a plug-in; or the path or URL of a folder, on Node
   * @returns what was loaded, once all of it has started
   * @throws {LifecycleError} as a rejection: `GOSSIP_PLUGINS_UNSUPPORTED`, this node has no messenger
   * @throws {GossipError} as a rejection: `GOSSIP_OPTION_INVALID`, and the codes of `PluginError`; nothing is loaded
   */
  async use(plugin: Plugin | string | URL): Promise<LoadedPlugins> {
    if (this.#plugins === undefined) {
      const problem = 'plug-ins need a messenger: make one first, new Messenger(node) of gossipmonger-engine/messaging'
      throw new LifecycleError('GOSSIP_PLUGINS_UNSUPPORTED', problem)
    }
    return this.#plugins.use(plugin, this as unknown as PluginNode) // They do not know the types of this node's keys.
  }

  /** Lets plug-ins be carried; for what is built on a node. The last one counts, undefined is nobody. */
  hostPlugins(host: PluginHost | undefined): void {
    this.#plugins = host
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

  #assertStarted(): void {
    if (this.#driver.phase !== 'started') throw lifecycleError(this.#driver.phase)
  }

  #assertOpen(): void {
    if (this.#driver.phase === 'closing' || this.#driver.phase === 'closed') throw lifecycleError(this.#driver.phase)
  }

  #assertWritable(key: unknown): void {
    this.#assertOpen()
    if (typeof key === 'string' && key.startsWith(RESERVED_PREFIX)) {
      throw new InvalidValueError('key', `must not begin with ${RESERVED_PREFIX}: such keys belong to the library`)
    }
  }
}
