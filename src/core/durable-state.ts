/**
 * What of a node outlives its process: its generation, its own keys, and whom to come back to. Takes up what a former
 * life left, follows what changes, and says when a generation may be spoken of: not before it is durable.
 */

import { AddressBook, type BookChanges, SEEN_LAG_MS } from './address-book.ts'
import { type Engine, type EngineEvent, nextGeneration } from './engine/index.ts'
import { type GossipError, LifecycleError, StorageError } from './errors.ts'
import { jsonBytes } from './json/index.ts'
import { METADATA_KEY, RESERVED_PREFIX } from './peer-view.ts'
import { GENERATION_MAX } from './reconcile/index.ts'
import type { Storage, StorageChange, StoredEntry, StoredState } from './storage-port.ts'
import { type Snapshot, StorageWriter, storageFailure } from './storage-writer.ts'
import type { System } from './system.ts'

/** What it stands between. */
export interface DurableStateSetup {
  readonly storage: Storage
  readonly engine: Engine
  readonly system: System
  readonly clusterId: string
  /** Most peers kept. */
  readonly storedPeersMax: number
  /** A change among the peers is written this much later, with what follows it, ms. */
  readonly peersDelayMs: number
  /** Runs a use of the engine at the present time, and takes care of what it leaves behind. */
  readonly act: (use: (now: number) => void) => void
  /** Tells an error. */
  readonly fail: (error: GossipError) => void
  /** A generation that had to be held back may be spoken of now. */
  readonly onReleased: () => void
}

/** Generations count 1,024 to the ms. */
const GENERATIONS_PER_MS = 1_024
/** A stored generation is odd when it is further ahead of the clock than this. */
const AHEAD_MS_MAX = 86_400_000
/** About what a change takes beside its value. */
const CHANGE_BYTES = 64

/** One node's durable state. */
export class DurableState {
  readonly #setup: DurableStateSetup
  readonly #writer: StorageWriter
  readonly #book: AddressBook
  /** Keys deleted before it was known whether a former life had them. */
  readonly #deletedEarly = new Set<string>()
  #opening: Promise<void> | undefined
  #isOpen = false
  #isClosing = false
  #isRestoring = false
  #keptGeneration = 0
  #conflict: GossipError | undefined
  #cancelBookTimer: (() => void) | undefined
  #isBookTimerLazy = true

  constructor(setup: DurableStateSetup) {
    this.#setup = setup
    this.#book = new AddressBook(setup.storedPeersMax)
    this.#writer = new StorageWriter({
      storage: setup.storage,
      system: setup.system,
      onKept: (changes) => this.#onKept(changes),
      onFailure: setup.fail,
    })
  }

  /** Whether the present generation is not durable yet, so that no message may carry it. */
  get isHeld(): boolean {
    return this.#setup.engine.generation > this.#keptGeneration
  }

  /**
   * Loads, begins a life above every former one, and takes up the keys that were not written or deleted since. Resolves
   * when the generation, and what was written before, is durable.
   *
   * @throws {GossipError} as a rejection: whatever the storage rejects with; `GOSSIP_GENERATION_SPENT`; a stored key that
   *   the present limits do not allow
   */
  open(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Follows an event of the engine. */
  note(event: EngineEvent): void {
    switch (event.type) {
      case 'update':
      case 'delete':
        if (event.peerId === this.#setup.engine.id && !this.#isRestoring) this.#noteKey(event.key)
        break
      case 'generation':
        if (event.generation > this.#keptGeneration) this.#noteGeneration()
        break
      case 'conflict':
        this.#conflict = event.error
        void this.#writer.stop(event.error)
        break
      case 'new peer':
      case 'peer live':
      case 'peer dead':
      case 'peer left':
      case 'peer removed':
        if (this.#isOpen) this.#updateBookLater(this.#setup.peersDelayMs)
        break
      default:
    }
  }

  /** A key is deleted of which this process may know nothing yet. */
  noteDeletion(key: string): void {
    if (this.#isOpen) return
    this.#deletedEarly.add(key)
    this.#noteKey(key)
  }

  /** Resolves when everything written so far is durable; rejects when an attempt to write it fails. */
  async flushed(): Promise<void> {
    if (this.#opening === undefined) throw closedError()
    await this.#opening
    await this.#writer.flushed()
  }

  /** Writes what is left, and releases the storage. Trouble is told, never thrown. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#cancelBookTimer?.()
    this.#cancelBookTimer = undefined
    if (this.#opening === undefined) return
    await this.#opening.catch(() => {}) // Whoever called `open` was told.
    if (this.#isOpen && this.#conflict === undefined) {
      this.#updateBook()
      await this.#writer.flushed().catch(() => {}) // The first failure was told, and there is no later one.
    }
    this.#isOpen = false
    await this.#writer.stop(closedError())
    try {
      await this.#setup.storage.close()
    } catch (error) {
      this.#setup.fail(storageFailure(error))
    }
  }

  async #open(): Promise<void> {
    const { storage, engine, clusterId, act } = this.#setup
    const state = await storage.open({ clusterId, id: engine.id }).catch((error: unknown) => {
      throw storageFailure(error)
    })
    if (this.#isClosing) throw closedError()
    this.#isRestoring = true
    try {
      act((now) => this.#restore(state, now))
    } finally {
      this.#isRestoring = false
    }
    this.#isOpen = true
    this.#writer.open()
    await this.#writer.flushed()
    this.#updateBookLater(SEEN_LAG_MS)
  }

  #restore(state: StoredState, now: number): void {
    const { engine, system } = this.#setup
    const wallMs = Math.floor(system.wallClockMs())
    this.#keptGeneration = assertGeneration(state.generation)
    const next = nextGeneration(Math.max(state.generation, wallMs * GENERATIONS_PER_MS), () => system.random())
    const generation = Math.max(next, engine.generation)
    if (generation > GENERATION_MAX) {
      const problem = `the stored generation ${state.generation} is the last there is: give this node another id`
      throw new StorageError('GOSSIP_GENERATION_SPENT', problem)
    }
    if (state.generation > (wallMs + AHEAD_MS_MAX) * GENERATIONS_PER_MS) {
      const days = Math.round((state.generation / GENERATIONS_PER_MS - wallMs) / AHEAD_MS_MAX)
      const problem = `the stored generation is ${days} days ahead of this clock; this life goes on above it all the same`
      this.#setup.fail(new StorageError('GOSSIP_GENERATION_AHEAD', problem))
    }
    for (const entry of state.entries) this.#restoreEntry(entry, wallMs, now)
    this.#deletedEarly.clear()
    engine.beginLife(generation, now)
    this.#writeBook(this.#book.load(state.peers, wallMs))
    this.#offerSeeds()
  }

  /** What was written in this life wins; what has lapsed goes. */
  #restoreEntry({ key, value, lease }: StoredEntry, wallMs: number, now: number): void {
    const { engine } = this.#setup
    if (this.#deletedEarly.has(key) || engine.ownMap.shown(key) !== undefined) return
    const ttlMs = lease === undefined ? undefined : Math.min(lease.expiresAtMs - wallMs, lease.ttlMs)
    if (ttlMs !== undefined && ttlMs <= 0) this.#noteKey(key)
    else engine.set(key, value, { ttlMs }, now)
  }

  /** Keys of the library itself are set anew by whoever set them, but the metadata stays. */
  #noteKey(key: string): void {
    if (key.startsWith(RESERVED_PREFIX) && key !== METADATA_KEY) return
    this.#mark(`key ${key}`, () => this.#snapshotOf(key))
  }

  #snapshotOf(key: string): Snapshot {
    const { engine, system } = this.#setup
    const now = system.now()
    const entry = engine.read(engine.id, key, now)
    if (entry === undefined) return { change: { type: 'delete', key }, bytes: CHANGE_BYTES }
    const { value, bytes, expiresAt } = entry
    if (expiresAt === undefined) return { change: { type: 'set', key, value }, bytes }
    const ttlMs = Math.max(1, Math.ceil(expiresAt - now))
    const lease = { expiresAtMs: Math.floor(system.wallClockMs()) + ttlMs, ttlMs }
    return { change: { type: 'set', key, value, lease }, bytes }
  }

  #noteGeneration(): void {
    const take = (): Snapshot => ({
      change: { type: 'generation', generation: this.#setup.engine.generation },
      bytes: CHANGE_BYTES,
    })
    this.#mark('generation', take, true)
  }

  #mark(name: string, take: () => Snapshot, isUrgent = false): void {
    if (this.#conflict === undefined) this.#writer.mark(name, take, { isUrgent })
  }

  #onKept(changes: readonly StorageChange[]): void {
    const wasHeld = this.isHeld
    for (const change of changes) {
      if (change.type === 'generation') this.#keptGeneration = Math.max(this.#keptGeneration, change.generation)
    }
    if (wasHeld && !this.isHeld) this.#setup.onReleased()
  }

  /** Later, with whatever changes until then; a lazy look, which keeps times fresh, gives way to a pressing one. */
  #updateBookLater(delayMs: number): void {
    const isLazy = delayMs === SEEN_LAG_MS
    if (this.#cancelBookTimer !== undefined && !this.#isBookTimerLazy) return
    this.#cancelBookTimer?.()
    this.#isBookTimerLazy = isLazy
    this.#cancelBookTimer = this.#setup.system.startTimer(() => {
      this.#cancelBookTimer = undefined
      this.#updateBook()
      this.#updateBookLater(SEEN_LAG_MS)
    }, delayMs)
  }

  #updateBook(): void {
    if (this.#conflict !== undefined) return
    const { engine, system } = this.#setup
    this.#writeBook(this.#book.update(engine.peers(), Math.floor(system.wallClockMs())))
    this.#offerSeeds()
  }

  #writeBook({ written, forgotten }: BookChanges): void {
    for (const id of [...written, ...forgotten]) this.#mark(`peer ${id}`, () => this.#peerSnapshot(id))
  }

  #peerSnapshot(id: string): Snapshot {
    const peer = this.#book.get(id)
    if (peer === undefined) return { change: { type: 'forget', id }, bytes: CHANGE_BYTES }
    return { change: { type: 'peer', ...peer }, bytes: CHANGE_BYTES + jsonBytes(peer.transport) }
  }

  /** Who is kept and not known at present is asked as a seed is; who is known is contacted as a peer. */
  #offerSeeds(): void {
    const { engine } = this.#setup
    engine.offerSeeds(this.#book.peers.filter(({ id }) => engine.peer(id) === undefined))
  }
}

function closedError(): LifecycleError {
  return new LifecycleError('GOSSIP_NODE_CLOSED', 'the node was closed before this was written')
}

function assertGeneration(generation: number): number {
  if (Number.isInteger(generation) && generation >= 0 && generation <= GENERATION_MAX) return generation
  throw new StorageError('GOSSIP_STORAGE_CORRUPT', `the stored generation is no integer in [0, ${GENERATION_MAX}]`)
}
