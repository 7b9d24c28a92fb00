/**
 * Makes groups from the steps of a bulk document, one after the other, and hands each on as soon as it is whole. Values
 * are admitted while they arrive and come sealed; all else is plain JSON of small size.
 */

import { type JsonValue, MalformedMessageError, ValueBuilder } from '../../core/index.ts'
import type { JsonSteps } from './json-reader.ts'

/** What a reader of groups needs to know. */
export interface GroupReaderOptions {
  /** Largest value of a key, bytes of JSON. */
  readonly valueBytesMax: number
  /** Called with each group, whose shape is not checked yet; what it throws ends the reading. */
  readonly onGroup: (group: unknown) => void
}

/** Where in the document the next step falls: around it, among groups, in a group, among entries, in an entry. */
type Level = 'document' | 'groups' | 'group' | 'entries' | 'entry'

/** Names, numbers, addresses: everything but values. */
const FIELD_BYTES_MAX = 4_096
/** What a group may take beside one value: a sender ends its groups at a quarter of it. */
const GROUP_BYTES_BEYOND_VALUE_MAX = 262_144
/** What an empty entry is taken to cost. */
const ENTRY_BYTES = 16
const ENTRY_PARTS_MAX = 4

/** Reads `[group, group, …]`. */
export class GroupReader implements JsonSteps {
  readonly #options: GroupReaderOptions
  readonly #builder = new ValueBuilder(FIELD_BYTES_MAX)
  #level: Level = 'document'
  #group: Record<string, unknown> = {}
  #groupBytes = 0
  #field: string | undefined
  #entries: unknown[] = []
  #entry: unknown[] = []

  /** @param options - limits, and where the groups go */
  constructor(options: GroupReaderOptions) {
    this.#options = options
  }

  part(text: string): void {
    this.#builder.part(text)
  }

  key(): void {
    if (this.#builder.isWithin) {
      this.#builder.key()
      return
    }
    if (this.#level !== 'group' || this.#field !== undefined) throw malformed('a field stands outside of groups')
    this.#builder.string()
    this.#field = this.#take().value as string
    if (this.#field in this.#group) throw malformed('a group has a field twice')
  }

  string(): void {
    this.#builder.string()
    this.#store()
  }

  number(value: number): void {
    this.#builder.number(value)
    this.#store()
  }

  literal(value: boolean | null): void {
    this.#builder.literal(value)
    this.#store()
  }

  openObject(): void {
    if (this.#level === 'groups') this.#openGroup()
    else this.#builder.openObject()
  }

  closeObject(): void {
    if (this.#builder.isWithin) {
      this.#builder.closeObject()
      this.#store()
    } else if (this.#level === 'group') this.#closeGroup()
    else throw malformed('an object ends where none has begun')
  }

  openArray(): void {
    const isWithin = this.#builder.isWithin
    if (this.#level === 'document') this.#level = 'groups'
    else if (this.#level === 'entries') this.#openEntry()
    else if (!isWithin && this.#level === 'group' && this.#field === 'entries') this.#level = 'entries'
    else this.#builder.openArray()
  }

  closeArray(): void {
    if (this.#builder.isWithin) {
      this.#builder.closeArray()
      this.#store()
    } else if (this.#level === 'entry') this.#closeEntry()
    else if (this.#level === 'entries') this.#closeEntries()
    else if (this.#level !== 'groups') throw malformed('an array ends where none has begun')
  }

  #openGroup(): void {
    this.#level = 'group'
    this.#group = Object.create(null) as Record<string, unknown>
    this.#groupBytes = 0
    this.#entries = []
  }

  #closeGroup(): void {
    this.#level = 'groups'
    const group = this.#group
    this.#group = {}
    this.#entries = []
    this.#options.onGroup(group)
  }

  #openEntry(): void {
    this.#level = 'entry'
    this.#entry = []
    this.#countBytes(ENTRY_BYTES)
  }

  #closeEntry(): void {
    const entry = this.#entry
    // Without a value it is a tombstone, and its second part a number like any other.
    if (entry.length === 2) entry[1] = this.#unsealed
    this.#entry = []
    this.#entries.push(entry)
    this.#level = 'entries'
  }

  #closeEntries(): void {
    this.#group['entries'] = this.#entries
    this.#field = undefined
    this.#level = 'group'
  }

  /** The second part of the present entry, as it was before it was sealed. */
  #unsealed: JsonValue = null

  /** Files what is complete. */
  #store(): void {
    if (!this.#builder.isComplete) return
    const isValue = this.#isAtValue
    const admitted = this.#take()
    if (this.#level === 'group' && this.#field !== undefined) {
      this.#group[this.#field] = admitted.value
      this.#field = undefined
    } else if (this.#level === 'entry' && this.#entry.length < ENTRY_PARTS_MAX) {
      if (isValue) this.#unsealed = admitted.value
      this.#entry.push(isValue ? admitted : admitted.value)
    } else throw malformed('a value stands outside of groups')
    this.#builder.limit(this.#isAtValue ? this.#options.valueBytesMax : FIELD_BYTES_MAX)
  }

  #take(): ReturnType<ValueBuilder['take']> {
    const admitted = this.#builder.take(FIELD_BYTES_MAX)
    this.#countBytes(admitted.bytes)
    return admitted
  }

  get #isAtValue(): boolean {
    return this.#level === 'entry' && this.#entry.length === 1
  }

  #countBytes(bytes: number): void {
    this.#groupBytes += bytes
    const bytesMax = this.#options.valueBytesMax + GROUP_BYTES_BEYOND_VALUE_MAX
    if (this.#groupBytes > bytesMax) throw malformed(`a group takes over ${bytesMax} bytes`)
  }
}

function malformed(problem: string): MalformedMessageError {
  return new MalformedMessageError(problem)
}
