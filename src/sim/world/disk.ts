/**
 * What a machine keeps of its processes: a journal of generations and own writes. A crash may keep it, lose it, or tear
 * it: the last records were never written.
 */

import type { JsonValue } from '../../core/index.ts'

/** What becomes of the disk in a crash. */
export type DiskFate = 'kept' | 'lost' | 'torn'

type Journalled =
  | { readonly generation: number }
  | { readonly key: string; readonly value: JsonValue }
  | { readonly key: string; readonly value?: undefined }

/** Rewriting a shorter journal than this is not worth it. */
const REWRITE_LENGTH_MIN = 1_024

/** A journal; what it says together is what a new process starts from. */
export class Disk {
  #journal: Journalled[] = []

  /** The highest generation on it; 0 when there is none. */
  get generation(): number {
    let highest = 0
    for (const record of this.#journal) if ('generation' in record) highest = Math.max(highest, record.generation)
    return highest
  }

  /** The keys on it, in the order of their last writes. */
  entries(): ReadonlyMap<string, JsonValue> {
    const entries = new Map<string, JsonValue>()
    for (const record of this.#journal) {
      if (!('key' in record)) continue
      entries.delete(record.key)
      if (record.value !== undefined) entries.set(record.key, record.value)
    }
    return entries
  }

  writeGeneration(generation: number): void {
    this.#append({ generation })
  }

  writeEntry(key: string, value: JsonValue): void {
    this.#append({ key, value })
  }

  deleteEntry(key: string): void {
    this.#append({ key })
  }

  /** Another machine's disk is copied to this one. */
  copyFrom(other: Disk): void {
    this.#journal = [...other.#journal]
  }

  /** The machine crashes. A torn disk loses at least one record, and perhaps many. */
  crash(fate: DiskFate, random: () => number): void {
    if (fate === 'lost') this.#journal = []
    if (fate === 'torn') this.#journal.length = Math.floor(this.#journal.length * random())
  }

  #append(record: Journalled): void {
    this.#journal.push(record)
    if (this.#journal.length < REWRITE_LENGTH_MIN) return
    const { generation } = this
    const entries = this.entries()
    if (entries.size * 2 > this.#journal.length) return
    this.#journal = [{ generation }, ...[...entries].map(([key, value]) => ({ key, value }))]
  }
}
