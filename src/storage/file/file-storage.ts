/** A storage in a folder of its own: a journal, and a lock that keeps a second process out. */

import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import {
  type Storage,
  type StorageChange,
  StorageError,
  type StorageOwner,
  type StoredState,
} from '../../core/index.ts'
import { Turns } from '../turns.ts'
import { FolderLock } from './folder-lock.ts'
import { Journal } from './journal.ts'
import { NodeDirectory } from './node-directory.ts'
import { type FileStorageOptions, type ResolvedFileStorageOptions, resolveFileStorageOptions } from './options.ts'

/** What a record takes beside its value: names, an address, numbers, brackets. */
const RECORD_HEAD_BYTES = 4_096

/**
 * Durable state in files.
 *
 * @throws {InvalidOptionError} the constructor, for an unknown, missing, mistyped or out-of-range option
 */
export class FileStorage implements Storage {
  readonly valueBytesMax: number
  readonly #options: ResolvedFileStorageOptions
  readonly #turns = new Turns()
  #journal: Journal | undefined
  #lock: FolderLock | undefined
  #syncTimer: ReturnType<typeof setInterval> | undefined

  constructor(options: FileStorageOptions) {
    this.#options = resolveFileStorageOptions(options)
    this.valueBytesMax = this.#options.recordBytesMax - RECORD_HEAD_BYTES
  }

  /** The folder, absolute. */
  get path(): string {
    return this.#options.path
  }

  open(owner: StorageOwner): Promise<StoredState> {
    return this.#turns.take(() => this.#open({ clusterId: owner.clusterId, id: owner.id }))
  }

  append(changes: readonly StorageChange[]): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#journal === undefined) {
        throw new StorageError('GOSSIP_STORAGE_CLOSED', `${this.path} is not open`, { path: this.path })
      }
      await this.#journal.append(changes)
    })
  }

  close(): Promise<void> {
    return this.#turns.take(() => this.#close())
  }

  async #open(owner: StorageOwner): Promise<StoredState> {
    const { path, fsync, syncIntervalMs } = this.#options
    if (this.#journal !== undefined) {
      throw new StorageError('GOSSIP_STORAGE_LOCKED', `${path} is in use: this storage has it open`, { path })
    }
    await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new StorageError('GOSSIP_STORAGE_FAILED', `cannot make ${path}: ${text}`, { path, cause })
    })
    const lock = await FolderLock.acquire(path, randomBytes(8).toString('hex'))
    try {
      const journal = await Journal.open({
        ...this.#options,
        directory: new NodeDirectory(path),
        owner,
        syncsAppends: fsync === 'always',
        makeSalt: () => randomBytes(4).readUInt32BE(),
      })
      this.#journal = journal
    } catch (error) {
      await lock.release()
      throw error
    }
    this.#lock = lock
    if (fsync === 'interval') this.#syncEvery(syncIntervalMs)
    return this.#journal.state()
  }

  #syncEvery(periodMs: number): void {
    this.#syncTimer = setInterval(() => {
      // A failure shows again at the next append, or when it is closed: what is in doubt is written anew then.
      void this.#turns.take(() => this.#sync()).catch(() => {})
    }, periodMs)
    this.#syncTimer.unref()
  }

  async #sync(): Promise<void> {
    if (this.#journal?.isDirty === true) await this.#journal.sync()
  }

  async #close(): Promise<void> {
    clearInterval(this.#syncTimer)
    const journal = this.#journal
    const lock = this.#lock
    try {
      if (this.#options.fsync === 'interval') await this.#sync()
    } finally {
      this.#journal = undefined
      this.#lock = undefined
      try {
        await journal?.close()
      } finally {
        await lock?.release()
      }
    }
  }
}
