/**
 * Durable state in a database of the `abstract-level` family, under a prefix of its keys. The database is the
 * embedder's: it is neither closed nor looked into beyond the prefix.
 */

import {
  booleanOption,
  InvalidOptionError,
  looseOptions,
  orDefault,
  type Storage,
  type StorageChange,
  StorageError,
  type StorageOwner,
  type StoredEntry,
  type StoredPeer,
  type StoredState,
} from '../../core/index.ts'
import { assertOwner } from '../owner.ts'
import { Turns } from '../turns.ts'
import type { LevelDatabase, LevelOperation } from './level-database.ts'
import { headerOperation, operationOf, readRecord } from './level-record.ts'

/** What an embedder may say. */
export interface LevelStorageOptions {
  /**
   * Keys begin with it and `!`; another one for every node that shares the database: 1 to 128 letters, digits and `._:/-`.
   * @defaultValue 'gossipmonger'
   */
  prefix?: string
  /** Whether an append is on the disk before it resolves. @defaultValue true */
  sync?: boolean
}

const DEFAULTS: Readonly<Required<LevelStorageOptions>> = Object.freeze({ prefix: 'gossipmonger', sync: true })
/** Without `!`, so that no prefix is the beginning of another one's keys. */
const PREFIX_PATTERN = /^[\w.:/-]{1,128}$/

/** Prefixes in use, by database: a second storage on one of them is kept out. */
const IN_USE = new WeakMap<LevelDatabase, Set<string>>()

/**
 * A storage over a database.
 *
 * @throws {InvalidOptionError} the constructor, for something that is no database, or a bad option
 */
export class LevelStorage implements Storage {
  readonly #database: LevelDatabase
  readonly #prefix: string
  readonly #sync: boolean
  readonly #turns = new Turns()
  #isOpen = false
  #generation = 0

  constructor(database: LevelDatabase, options: LevelStorageOptions = {}) {
    const fields = Object(database) as Record<string, unknown>
    for (const method of ['batch', 'iterator']) {
      if (typeof fields[method] === 'function') continue
      throw new InvalidOptionError('database', `an abstract-level database, with a method ${method}`, database)
    }
    const loose = looseOptions(options, 'options', Object.keys(DEFAULTS))
    this.#database = database
    this.#prefix = `${prefixOption(orDefault(loose['prefix'], DEFAULTS.prefix))}!`
    this.#sync = booleanOption('sync', orDefault(loose['sync'], DEFAULTS.sync))
  }

  open(owner: StorageOwner): Promise<StoredState> {
    return this.#turns.take(async () => {
      this.#take()
      try {
        const state = await this.#load({ clusterId: owner.clusterId, id: owner.id })
        this.#generation = state.generation
        this.#isOpen = true
        return state
      } catch (error) {
        this.#release()
        throw error
      }
    })
  }

  append(changes: readonly StorageChange[]): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#isOpen)
        throw new StorageError('GOSSIP_STORAGE_CLOSED', `the storage under ${this.#prefix} is not open`)
      const { operations, generation } = this.#operationsOf(changes)
      await this.#write(operations)
      this.#generation = generation
    })
  }

  close(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#isOpen) this.#release()
      this.#isOpen = false
    })
  }

  /** A database keeps the last value of a key; of generations the highest counts. */
  #operationsOf(changes: readonly StorageChange[]): { operations: LevelOperation[]; generation: number } {
    let generation = this.#generation
    const operations: LevelOperation[] = []
    for (const change of changes) {
      if (change.type === 'generation') {
        if (change.generation < generation) continue
        generation = change.generation
      }
      operations.push(operationOf(this.#prefix, change))
    }
    return { operations, generation }
  }

  async #load(owner: StorageOwner): Promise<StoredState> {
    let present: StorageOwner | undefined
    let generation = 0
    const entries: StoredEntry[] = []
    const peers: StoredPeer[] = []
    for await (const [key, value] of this.#records()) {
      const record = readRecord(key.slice(this.#prefix.length), value, key)
      if (record.type === 'owner') {
        assertOwner(owner, record.owner, `the storage under ${this.#prefix}`)
        present = record.owner
      } else if (present === undefined) throw ownerless(key)
      else if (record.type === 'generation') generation = record.generation
      else if (record.type === 'set') entries.push(record.entry)
      else peers.push(record.peer)
    }
    if (present === undefined) await this.#write([headerOperation(this.#prefix, owner)])
    return { generation, entries, peers }
  }

  async *#records(): AsyncGenerator<[string, string], undefined> {
    // The character after the last one of the prefix.
    const end = `${this.#prefix.slice(0, -1)}"`
    try {
      yield* this.#database.iterator({ gte: this.#prefix, lt: end, keyEncoding: 'utf8', valueEncoding: 'utf8' })
    } catch (error) {
      throw failure('read', error)
    }
    return undefined
  }

  async #write(operations: LevelOperation[]): Promise<void> {
    try {
      await this.#database.batch(operations, { sync: this.#sync })
    } catch (error) {
      throw failure('write', error)
    }
  }

  #take(): void {
    const prefixes = IN_USE.get(this.#database) ?? new Set()
    if (prefixes.has(this.#prefix)) {
      throw new StorageError('GOSSIP_STORAGE_LOCKED', `the storage under ${this.#prefix} is in use`)
    }
    IN_USE.set(this.#database, prefixes.add(this.#prefix))
  }

  #release(): void {
    IN_USE.get(this.#database)?.delete(this.#prefix)
  }
}

function prefixOption(value: unknown): string {
  if (typeof value === 'string' && PREFIX_PATTERN.test(value)) return value
  throw new InvalidOptionError('prefix', '1 to 128 letters, digits and ._:/-', value)
}

function ownerless(key: string): StorageError {
  return new StorageError('GOSSIP_STORAGE_CORRUPT', `there is ${key}, but not whose it is`)
}

function failure(what: string, cause: unknown): StorageError {
  const text = cause instanceof Error ? cause.message : String(cause)
  return new StorageError('GOSSIP_STORAGE_FAILED', `cannot ${what} the database: ${text}`, { cause })
}
