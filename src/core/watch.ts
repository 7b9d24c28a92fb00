/**
 * What watchers see: the present state, then the latest state of every key that changes. A watcher that falls behind
 * sees fewer steps and never a gap, and costs no more than the number of keys: only names wait for it, and what came and
 * went in between is not told at all.
 */

import type { JsonValue } from './json/index.ts'
import type { PeerStatus } from './membership/index.ts'
import { WatchFilter, type WatchOptions } from './watch-filter.ts'

/** One thing a watcher is told. */
export type WatchChange<Value = JsonValue> =
  | {
      readonly type: 'set'
      readonly peer: string
      readonly key: string
      readonly value: Value
      readonly version: number
    }
  | { readonly type: 'delete'; readonly peer: string; readonly key: string }
  /** The state of when the watch began has been told; what follows is new. Once. */
  | { readonly type: 'synced' }
  /** A peer's life changed; `removed` when it is retired, `conflict` when this node has stopped. */
  | { readonly type: 'peer'; readonly peer: string; readonly status: PeerStatus | 'removed' | 'conflict' }

/** Where a watcher reads what is there now. */
export interface WatchSource {
  readKey(peer: string, key: string): { readonly value: JsonValue; readonly version: number } | undefined
  readStatus(peer: string): PeerStatus | 'removed' | 'conflict'
}

/** An async iterator over changes; also the place where changes are noted. */
export class Watcher implements AsyncIterableIterator<WatchChange> {
  readonly #source: WatchSource
  readonly #filter: WatchFilter
  readonly #onEnd: (watcher: Watcher) => void
  /** What waits to be told, in the order of its first change: peer → keys, and the peers whose life changed. */
  readonly #waiting = new Map<string, Waiting>()
  /** What the reader believes to be there. What came and went unseen by it is not worth telling. */
  readonly #told = new Set<string>()
  readonly #signal: AbortSignal | undefined
  readonly #endOnAbort = (): void => this.end()
  /** Readers that wait for something to be told. */
  #readers: (() => void)[] = []
  #isEnded = false

  constructor(source: WatchSource, options: WatchOptions, onEnd: (watcher: Watcher) => void) {
    this.#source = source
    this.#filter = new WatchFilter(options)
    this.#onEnd = onEnd
    this.#signal = options.signal
    this.#signal?.addEventListener('abort', this.#endOnAbort)
    if (this.#signal?.aborted === true) this.end()
  }

  /** Whether there is nothing more to come. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Notes that a key changed. */
  noteKey(peer: string, key: string): void {
    if (!this.#filter.hasKey(key)) return
    const name = `k${peer.length}:${peer}${key}`
    const isThere = this.#source.readKey(peer, key) !== undefined
    if (isThere || this.#told.has(name)) this.#note(name, { type: 'key', peer, key })
    else this.#waiting.delete(name)
  }

  /** Notes that a peer's life changed. */
  notePeer(peer: string): void {
    const name = `p${peer}`
    const isThere = this.#source.readStatus(peer) !== 'removed'
    if (isThere || this.#told.has(name)) this.#note(name, { type: 'peer', peer })
    else this.#waiting.delete(name)
  }

  /** Notes that the state of the beginning is complete. */
  noteSynced(): void {
    this.#waiting.set('s', { type: 'synced' })
    this.#rouse()
  }

  /** Ends the watch: what waits is dropped, and the reader's loop ends. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#waiting.clear()
    this.#told.clear()
    this.#signal?.removeEventListener('abort', this.#endOnAbort)
    this.#onEnd(this)
    this.#rouse()
  }

  async next(): Promise<IteratorResult<WatchChange, undefined>> {
    for (;;) {
      if (this.#isEnded) return { done: true, value: undefined }
      const first = this.#waiting.entries().next().value
      if (first !== undefined) {
        const [name, waiting] = first
        this.#waiting.delete(name)
        const change = this.#changeOf(waiting)
        this.#remember(name, change)
        return { done: false, value: change }
      }
      await new Promise<void>((resolve) => {
        this.#readers.push(resolve)
      })
    }
  }

  async return(): Promise<IteratorResult<WatchChange, undefined>> {
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #note(name: string, waiting: Waiting & { readonly peer: string }): void {
    if (this.#isEnded || !this.#filter.hasPeer(waiting.peer)) return
    this.#waiting.set(name, waiting)
    this.#rouse()
  }

  #rouse(): void {
    const readers = this.#readers
    if (readers.length === 0) return
    this.#readers = []
    for (const resume of readers) resume()
  }

  #remember(name: string, change: WatchChange): void {
    if (change.type === 'set' || (change.type === 'peer' && change.status !== 'removed')) this.#told.add(name)
    else this.#told.delete(name)
  }

  #changeOf(waiting: Waiting): WatchChange {
    if (waiting.type === 'synced') return waiting
    const { peer } = waiting
    if (waiting.type === 'peer') return { type: 'peer', peer, status: this.#source.readStatus(peer) }
    const { key } = waiting
    const present = this.#source.readKey(peer, key)
    return present === undefined ? { type: 'delete', peer, key } : { type: 'set', peer, key, ...present }
  }
}

type Waiting =
  | { readonly type: 'key'; readonly peer: string; readonly key: string }
  | { readonly type: 'peer'; readonly peer: string }
  | { readonly type: 'synced' }
