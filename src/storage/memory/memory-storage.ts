/** A storage in memory, for tests and simulations: it outlives a node, but not the process. */

import {
  type Storage,
  type StorageChange,
  StorageError,
  type StorageOwner,
  type StoredState,
} from '../../core/index.ts'
import { assertOwner } from '../owner.ts'
import { StoredImage } from '../stored-image.ts'

/** What lies on one imagined disk. */
export class MemoryStorage implements Storage {
  readonly #image = new StoredImage()
  #owner: StorageOwner | undefined
  #isOpen = false

  async open(owner: StorageOwner): Promise<StoredState> {
    if (this.#isOpen) throw new StorageError('GOSSIP_STORAGE_LOCKED', 'this memory storage is in use')
    assertOwner(owner, this.#owner ?? owner)
    this.#owner = { clusterId: owner.clusterId, id: owner.id }
    this.#isOpen = true
    return this.#image.state()
  }

  async append(changes: readonly StorageChange[]): Promise<void> {
    if (!this.#isOpen) throw new StorageError('GOSSIP_STORAGE_CLOSED', 'this memory storage is not open')
    for (const change of changes) this.#image.apply(change)
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  /** The same disk in another machine, as it is now: for a node that crashes, or a machine that is copied. */
  copy(): MemoryStorage {
    const copy = new MemoryStorage()
    copy.#owner = this.#owner
    for (const change of this.#image.changes()) copy.#image.apply(change)
    return copy
  }
}
