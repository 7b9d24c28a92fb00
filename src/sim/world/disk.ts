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

/** A journal is rewritten once it is twice as long as it has to be, but a shorter one than this is not worth it. */
const REWRITE_LENGTH_MIN = 1_024

/** A journal; what it says together is what a new process starts from. */
export class Disk {
  #journal: Journalled[] = []
  #generation = 0
  #rewriteLength = REWRITE_LENGTH_MIN

  /** The highest generation on it; 0 when there is none. */
  get generation(): number {
    return this.#generation
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
    this.#generation = Math.max(this.#generation, generation)
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
    this.#replace([...other.#journal])
  }

  /** The machine crashes. A torn disk loses at least one record, and perhaps many. */
  crash(fate: DiskFate, random: () => number): void {
    if (fate === 'lost') this.#replace([])
    if (fate === 'torn') this.#replace(this.#journal.slice(0, Math.floor(this.#journal.length * random())))
  }

  #append(record: Journalled): void {
    this.#journal.push(record)
    if (this.#journal.length < this.#rewriteLength) return
    const entries = [...this.entries()].map(([key, value]) => ({ key, value }))
    this.#replace([{ generation: this.#generation }, ...entries])
  }

  #replace(journal: Journalled[]): void {
    this.#journal = journal
    this.#rewriteLength = Math.max(REWRITE_LENGTH_MIN, 2 * journal.length)
    this.#generation = 0
    for (const record of journal) {
      if ('generation' in record) this.#generation = Math.max(this.#generation, record.generation)
    }
  }
}
