/** The entries of a map: by key, in the order of versions, with their size and their fingerprint. */

import type { Entry } from './entry.ts'
import { StateHash } from './state-hash.ts'
import { VersionLog } from './version-log.ts'

/** Mutable; every change keeps key, version, size and fingerprint together. */
export class MapContent {
  readonly entries: Map<string, Entry> = new Map()
  readonly log: VersionLog = new VersionLog()
  readonly #hash = new StateHash()
  #bytes = 0

  /** Size of all entries as JSON, tombstones included. */
  get bytes(): number {
    return this.#bytes
  }

  /** Fingerprint of all entries, as 16 hexadecimal digits. */
  get hash(): string {
    return this.#hash.toString()
  }

  /** Adds an entry in the place of the one under its key. Its version must be above all others. */
  put(entry: Entry): void {
    this.forget(entry.key)
    this.entries.set(entry.key, entry)
    this.log.append(entry)
    this.#hash.toggle(entry)
    this.#bytes += entry.bytes
  }

  /** Takes out what stands under a key, if anything does. */
  forget(key: string): void {
    const entry = this.entries.get(key)
    if (entry !== undefined) this.drop(entry)
  }

  /** Takes out an entry. */
  drop(entry: Entry): void {
    this.entries.delete(entry.key)
    this.log.remove(entry.version)
    this.#hash.toggle(entry)
    this.#bytes -= entry.bytes
  }
}
