/**
 * Tells the embedder what happened: turns the engine's events into calls of listeners and notes for watchers. State is
 * committed by then, so a listener may use the node as it likes.
 */

import type { Engine, EngineEvent } from './engine/index.ts'
import type { JsonValue } from './json/index.ts'
import type { PeerStatus } from './membership/index.ts'
import type { NodeEvents } from './node-events.ts'
import { METADATA_KEY, type PeerView, RESERVED_PREFIX } from './peer-view.ts'
import { SafeEmitter } from './safe-emitter.ts'
import { Watcher } from './watch.ts'
import type { WatchOptions } from './watch-filter.ts'

/** Listeners and watchers of one node. */
export class Announcer {
  readonly emitter: SafeEmitter<NodeEvents>
  readonly #engine: Engine
  readonly #now: () => number
  readonly #watchers = new Set<Watcher>()
  /** Those who follow the library's own keys; they see no others. */
  readonly #reservedWatchers = new Set<Watcher>()
  #errors = 0

  constructor(engine: Engine, now: () => number) {
    this.#engine = engine
    this.#now = now
    this.emitter = new SafeEmitter((error) => this.fail(error))
  }

  /** Errors told so far, heard or not. */
  get errors(): number {
    return this.#errors
  }

  /** Counts an error and tells it. A listener of `error` that throws is not told of itself. */
  fail(error: Error): void {
    this.#errors++
    const isOwnFault = 'event' in error && error.event === 'error'
    if (!isOwnFault) this.emitter.emit('error', error)
  }

  /** Tells one event of the engine. */
  tell(event: Exclude<EngineEvent, { type: 'generation' | 'leave taken' }>): void {
    switch (event.type) {
      case 'new peer':
      case 'peer live':
      case 'peer dead':
      case 'peer left':
        this.#tellLife(event.type, event.peerId)
        break
      case 'peer removed':
        this.#tellRemoved(event.peerId, event.keys)
        break
      case 'update':
      case 'delete':
        this.#tellKey(event)
        break
      case 'conflict':
        this.#notePeer(this.#engine.id)
        this.emitter.emit('conflict', event.error)
        this.fail(event.error)
        break
      case 'error':
        this.fail(event.error)
    }
  }

  /**
   * A watcher that has the present state before it.
   *
   * @param isReserved - whether it follows keys of the library instead of the embedder's
   */
  watch(options: WatchOptions, isReserved: boolean = false): Watcher {
    const source = {
      readKey: (peer: string, key: string) => this.#readKey(peer, key),
      readStatus: (peer: string) => this.#statusOf(peer),
    }
    const watchers = isReserved ? this.#reservedWatchers : this.#watchers
    const watcher = new Watcher(source, options, (ended) => watchers.delete(ended))
    if (watcher.isEnded) return watcher
    watchers.add(watcher)
    const peers = this.#engine.peers()
    for (const { id } of peers) watcher.notePeer(id)
    for (const id of [this.#engine.id, ...peers.map((peer) => peer.id)]) {
      for (const { key } of this.#engine.readAll(id, this.#now()))
        if (isPublic(key) !== isReserved) watcher.noteKey(id, key)
    }
    watcher.noteSynced()
    return watcher
  }

  endWatchers(): void {
    for (const watcher of [...this.#watchers, ...this.#reservedWatchers]) watcher.end()
  }

  /** A remote peer as the public surface shows it; undefined for one that is unknown or retired. */
  view(id: string): PeerView | undefined {
    const peer = this.#engine.peer(id)
    if (peer === undefined) return undefined
    const { generation, status, transport, heartbeat, isOld } = peer
    const metadata = this.#engine.read(id, METADATA_KEY, this.#now())?.value
    return { id, generation, status, transport, metadata, heartbeat, isOld }
  }

  #tellLife(type: 'new peer' | 'peer live' | 'peer dead' | 'peer left', id: string): void {
    this.#notePeer(id)
    // A listener told of something earlier may have run while this peer was retired.
    const view = this.view(id)
    if (view !== undefined) this.emitter.emit(type, view)
  }

  #tellMetadata(id: string): void {
    const view = this.view(id)
    if (view !== undefined) this.emitter.emit('peer metadata', view)
  }

  #tellRemoved(peerId: string, keys: readonly string[]): void {
    for (const key of keys) this.#noteKey(peerId, key)
    this.#notePeer(peerId)
    this.emitter.emit('peer removed', peerId)
  }

  #tellKey(event: Extract<EngineEvent, { type: 'update' | 'delete' }>): void {
    const { peerId, key } = event
    if (key === METADATA_KEY) this.#tellMetadata(peerId)
    this.#noteKey(peerId, key)
    if (!isPublic(key) || peerId === this.#engine.id) return
    if (event.type === 'update') this.emitter.emit('update', peerId, key, event.value)
    else this.emitter.emit('delete', peerId, key)
  }

  #noteKey(peerId: string, key: string): void {
    const watchers = isPublic(key) ? this.#watchers : this.#reservedWatchers
    for (const watcher of watchers) watcher.noteKey(peerId, key)
  }

  #notePeer(peerId: string): void {
    for (const watcher of this.#watchers) watcher.notePeer(peerId)
    for (const watcher of this.#reservedWatchers) watcher.notePeer(peerId)
  }

  #readKey(peer: string, key: string): { value: JsonValue; version: number } | undefined {
    const entry = this.#engine.read(peer, key, this.#now())
    return entry === undefined ? undefined : { value: entry.value, version: entry.version }
  }

  #statusOf(peer: string): PeerStatus | 'removed' | 'conflict' {
    if (peer === this.#engine.id) return 'conflict'
    return this.#engine.peer(peer)?.status ?? 'removed'
  }
}

function isPublic(key: string): boolean {
  return !key.startsWith(RESERVED_PREFIX)
}
