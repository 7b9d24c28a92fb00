/** A log that only grows, and no further than it may. */

import { admitJson, type JsonValue, jsonBytes } from '../../core/index.ts'
import { PluginError } from './errors.ts'

/** How far a log may grow. */
export interface LogLimits {
  readonly entriesMax: number
  readonly logBytesMax: number
  readonly entryBytesMax: number
}

/** The entries of one log: this node's own, or a copy of another's from its beginning on. */
export class EntryLog {
  readonly #limits: LogLimits
  readonly #entries: JsonValue[] = []
  #bytes = 0

  constructor(limits: LogLimits) {
    this.#limits = limits
  }

  get length(): number {
    return this.#entries.length
  }

  /**
   * Adds an entry at the end.
   *
   * @returns its index
   * @throws {PluginError} `GOSSIP_LOG_LIMIT`: the entry or the log would be too large
   * @throws {InvalidValueError} it is no JSON
   */
  append(entry: unknown): number {
    const { entriesMax, entryBytesMax, logBytesMax } = this.#limits
    // As deep as it will travel, so that what is in the log can also be sent.
    const { value: boxed } = admitJson({ entries: [entry] })
    const [value] = (boxed as { readonly entries: readonly [JsonValue] }).entries
    const bytes = jsonBytes(value)
    if (bytes > entryBytesMax) throw limitError(`an entry of ${bytes} bytes exceeds ${entryBytesMax}`)
    if (this.#entries.length >= entriesMax) throw limitError(`the log has ${entriesMax} entries already`)
    if (this.#bytes + bytes > logBytesMax) throw limitError(`the log would take more than ${logBytesMax} bytes`)
    this.#bytes += bytes
    return this.#entries.push(value) - 1
  }

  /** Entries from an index on, at most so many, and so many bytes, but one at least where there is one. */
  slice(from: number, entriesMax: number, bytesMax: number = Number.POSITIVE_INFINITY): JsonValue[] {
    const slice: JsonValue[] = []
    let bytes = 0
    for (let at = from; at < this.#entries.length && slice.length < entriesMax; at++) {
      const entry = this.#entries[at] as JsonValue
      bytes += jsonBytes(entry)
      if (bytes > bytesMax && slice.length > 0) break
      slice.push(entry)
    }
    return slice
  }
}

function limitError(problem: string): PluginError {
  return new PluginError('GOSSIP_LOG_LIMIT', problem)
}
