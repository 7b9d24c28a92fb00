/**
 * What an outbox has in its storage: its letters, and how far those of others were handled. It follows what is in
 * memory: whoever changes something marks it, and its latest state is written in the next batch.
 */

import {
  type GossipError,
  type StorageChange,
  StorageError,
  StorageWriter,
  type StoredEntry,
  storageFailure,
} from '../../core/index.ts'
import type { Letter } from './letter.ts'
import { LETTER_PREFIX, letterKey, letterOf, letterRecord, recordBytesOf } from './letter-record.ts'
import type { Letters } from './letters.ts'
import type { ResolvedOutboxOptions } from './options.ts'
import { WATERMARK_PREFIX, type Watermarks } from './watermarks.ts'

/** What a ledger is made with. */
export interface LedgerSetup {
  readonly id: string
  readonly options: ResolvedOutboxOptions
  readonly letters: Letters
  readonly watermarks: Watermarks
  tellError(error: GossipError): void
}

/** About what a small change takes, bytes. */
const CHANGE_BYTES = 256

/** The ledger of one outbox. */
export class Ledger {
  readonly #setup: LedgerSetup
  readonly #writer: StorageWriter
  #isOpen = false

  constructor(setup: LedgerSetup) {
    this.#setup = setup
    const { storage, system } = setup.options
    this.#writer = new StorageWriter({
      storage,
      system,
      onKept: () => {},
      onFailure: (error) => setup.tellError(error),
    })
  }

  /**
   * Takes possession of the storage, and loads what a former life left.
   *
   * @returns the highest number of a letter
   * @throws {GossipError} as a rejection: what the storage rejects with; `GOSSIP_STORAGE_CORRUPT`. The storage is released
   */
  async open(): Promise<number> {
    const { id, options, letters, watermarks } = this.#setup
    const { storage, clusterId, system } = options
    // Named so that no node takes this place for its own, and no outbox a node's.
    const owner = { clusterId: `outbox of ${clusterId}`, id }
    const { entries } = await storage.open(owner).catch((error: unknown) => {
      throw storageFailure(error)
    })
    try {
      const stored = sorted(entries)
      const restored = stored.letters.map((entry) => letterOf(entry, system)).sort((a, b) => a.number - b.number)
      for (const sender of watermarks.load(stored.watermarks)) this.markSender(sender)
      for (const letter of restored) letters.add(letter)
      this.#isOpen = true
      this.#writer.open()
      return restored.at(-1)?.number ?? 0
    } catch (error) {
      await storage.close()
      throw error
    }
  }

  /** Whether the storage can keep a letter at all. */
  canKeep(letter: Letter): boolean {
    const { valueBytesMax = Number.POSITIVE_INFINITY } = this.#setup.options.storage
    return recordBytesOf(letter) <= valueBytesMax
  }

  /** A letter has changed, came or went. */
  markLetter(letter: Letter): void {
    const { letters, options } = this.#setup
    const key = letterKey(letter)
    this.#writer.mark(key, () => {
      const present = letters.find(letter.peer, letter.id)
      if (present === undefined) return { change: { type: 'delete', key }, bytes: CHANGE_BYTES }
      return { change: { type: 'set', ...letterRecord(present, options.system) }, bytes: recordBytesOf(present) }
    })
  }

  /** What is known of a sender has changed. */
  markSender(sender: string): void {
    const key = WATERMARK_PREFIX + sender
    this.#writer.mark(key, () => {
      const value = this.#setup.watermarks.record(sender)
      const change: StorageChange = value === undefined ? { type: 'delete', key } : { type: 'set', key, value }
      return { change, bytes: CHANGE_BYTES }
    })
  }

  /** Resolves when everything marked so far is durable; rejects as soon as an attempt fails. Tries at once. */
  flushed(): Promise<void> {
    return this.#writer.flushed()
  }

  /** Writes what is left, and releases the storage. Trouble is told, never thrown. */
  async close(reason: GossipError): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#writer.flushed().catch(() => {}) // The first failure was told, and there is no later one.
    await this.#writer.stop(reason)
    try {
      await this.#setup.options.storage.close()
    } catch (error) {
      this.#setup.tellError(storageFailure(error))
    }
  }
}

function sorted(entries: readonly StoredEntry[]): {
  readonly letters: StoredEntry[]
  readonly watermarks: StoredEntry[]
} {
  const letters: StoredEntry[] = []
  const watermarks: StoredEntry[] = []
  for (const entry of entries) {
    if (entry.key.startsWith(LETTER_PREFIX)) letters.push(entry)
    else if (entry.key.startsWith(WATERMARK_PREFIX)) watermarks.push(entry)
    else throw new StorageError('GOSSIP_STORAGE_CORRUPT', `the entry ${entry.key.slice(0, 100)} is no outbox's`)
  }
  return { letters, watermarks }
}
