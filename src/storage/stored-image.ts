/** All that a storage keeps, in memory: what the changes so far come to. Values are shared, not copied. */

import type { StorageChange, StoredEntry, StoredPeer, StoredState } from '../core/index.ts'

/** The state after a series of changes. */
export class StoredImage {
  #generation = 0
  readonly #entries = new Map<string, StoredEntry>()
  readonly #peers = new Map<string, StoredPeer>()

  /** Takes one step. The same step twice is the same as once. */
  apply(change: StorageChange): void {
    switch (change.type) {
      case 'generation':
        this.#generation = Math.max(this.#generation, change.generation)
        break
      case 'set': {
        const { key, value, lease } = change
        this.#entries.set(key, lease === undefined ? { key, value } : { key, value, lease })
        break
      }
      case 'delete':
        this.#entries.delete(change.key)
        break
      case 'peer': {
        const { id, transport, seenAtMs } = change
        this.#peers.set(id, { id, transport, seenAtMs })
        break
      }
      case 'forget':
        this.#peers.delete(change.id)
    }
  }

  /** The state, for the node. */
  state(): StoredState {
    return { generation: this.#generation, entries: [...this.#entries.values()], peers: [...this.#peers.values()] }
  }

  /** The fewest changes that come to this state. Those applied while they are read may be among them or not. */
  *changes(): Generator<StorageChange, undefined> {
    yield { type: 'generation', generation: this.#generation }
    for (const entry of this.#entries.values()) yield { type: 'set', ...entry }
    for (const peer of this.#peers.values()) yield { type: 'peer', ...peer }
    return undefined
  }
}
