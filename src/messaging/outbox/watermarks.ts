/**
 * How far the letters of others have been handled. A sender numbers them upwards under a name for each of its lives, and
 * sends them in order, so one number for each life says it all, however many there were.
 */

import { isName, isPlainObject, type JsonValue, StorageError, type StoredEntry } from '../../core/index.ts'
import { isLetterNumber } from './delivery.ts'

/** What keys of watermarks begin with; the sender's id follows. */
export const WATERMARK_PREFIX = 'in '
/** Lives of one sender that are remembered: what a life left unsent comes before what the next one adds. */
export const STREAMS_MAX = 4

type Marks = readonly (readonly [stream: string, number: number])[]

interface Known {
  /** The latest first. */
  readonly marks: Marks
  /** When the latest was set, wall-clock ms. */
  readonly at: number
}

/** The watermarks of one outbox. */
export class Watermarks {
  readonly #sendersMax: number
  /** Whoever was heard last comes last. */
  readonly #senders = new Map<string, Known>()

  /** @param sendersMax - senders that are remembered; of more, the one silent longest is forgotten */
  constructor(sendersMax: number) {
    this.#sendersMax = sendersMax
  }

  /** Senders that are remembered. */
  get size(): number {
    return this.#senders.size
  }

  /** Whether a letter was handled, as far as that is remembered. */
  covers(sender: string, stream: string, number: number): boolean {
    const mark = this.#senders.get(sender)?.marks.find(([name]) => name === stream)
    return mark !== undefined && number <= mark[1]
  }

  /**
   * A letter was handled, and so was whatever its sender had before it in the same life.
   *
   * @param at - the present, wall-clock ms
   * @returns senders of whom a record changed or went
   */
  note(sender: string, stream: string, number: number, at: number): readonly string[] {
    const former = this.#senders.get(sender)?.marks.filter(([name]) => name !== stream) ?? []
    this.#senders.delete(sender)
    this.#senders.set(sender, { marks: [[stream, number] as const, ...former].slice(0, STREAMS_MAX), at })
    return [sender, ...this.#forget()]
  }

  /** What is kept of a sender; undefined when nothing is. */
  record(sender: string): JsonValue | undefined {
    const known = this.#senders.get(sender)
    return known && { at: known.at, marks: known.marks }
  }

  /**
   * Takes up what a former life knew.
   *
   * @returns senders who had to go, since there are fewer places now
   * @throws {StorageError} `GOSSIP_STORAGE_CORRUPT`: an entry is none
   */
  load(entries: readonly StoredEntry[]): readonly string[] {
    const known = entries.map(({ key, value }) => [key.slice(WATERMARK_PREFIX.length), knownOf(key, value)] as const)
    for (const [sender, one] of known.sort((a, b) => a[1].at - b[1].at)) this.#senders.set(sender, one)
    return this.#forget()
  }

  #forget(): readonly string[] {
    const gone = [...this.#senders.keys()].slice(0, Math.max(0, this.#senders.size - this.#sendersMax))
    for (const sender of gone) this.#senders.delete(sender)
    return gone
  }
}

function knownOf(key: string, value: JsonValue): Known {
  const { at, marks } = isPlainObject(value) ? value : {}
  const read = Array.isArray(marks) ? (marks as readonly unknown[]).map(markOf) : []
  const whole = read.filter((mark) => mark !== undefined)
  if (typeof at === 'number' && whole.length > 0 && whole.length === read.length) return { at, marks: whole }
  throw new StorageError('GOSSIP_STORAGE_CORRUPT', `the entry ${key.slice(0, 100)} says nothing of what was handled`)
}

function markOf(value: unknown): Marks[number] | undefined {
  const [stream, number] = Array.isArray(value) ? (value as readonly unknown[]) : []
  return isName(stream) && isLetterNumber(number) ? [stream, number] : undefined
}
