/**
 * Reads a stream turn by turn: one chunk can hold hundreds of messages, each of which may ask for a long answer, so
 * reading stops when its time is up, and the rest of the chunk waits here for the next turn.
 */

import { LineReader, type LineReaderOptions } from './line-reader.ts'
import { SessionStart } from './session-start.ts'

/** What a reader needs to know. */
export interface TurnReaderOptions extends LineReaderOptions {
  /**
   * The first bytes are those of a session; absent: sessions are not looked for.
   *
   * @returns whether somebody has taken them, and all that follows
   */
  readonly onSession?: ((head: Buffer) => boolean) | undefined
}

/** What was read in one turn. */
export interface Turn {
  readonly messages: number
  readonly bytes: number
  readonly spentMs: number
}

/** How long one connection is read before others have a turn, ms. */
const TURN_MS = 10
/** How much is read before looking at the time, bytes: whole lines as far as they fit. */
const SLICE_BYTES = 1_024
const LINE_FEED = 0x0a

/** The reader of one stream. What waits counts as held against the shared budget. */
export class TurnReader {
  readonly #lines: LineReader
  readonly #options: TurnReaderOptions
  readonly #now: () => number
  /** The first bytes, while they may still become those of a session. */
  #start: SessionStart | undefined
  #messages = 0
  #rest: Buffer | undefined
  #isOver = false

  /** @param now - monotonic time, ms */
  constructor(options: TurnReaderOptions, now: () => number) {
    this.#options = options
    this.#now = now
    if (options.onSession !== undefined) this.#start = new SessionStart(options.budget)
    this.#lines = new LineReader({
      ...options,
      onValue: (value) => {
        this.#messages++
        options.onValue(value)
      },
    })
  }

  /** Whether bytes wait for the next turn. */
  get hasRest(): boolean {
    return this.#rest !== undefined
  }

  /** Bytes of the line that has begun and not ended. */
  get pendingBytes(): number {
    return this.#lines.pendingBytes + (this.#start?.keptBytes ?? 0)
  }

  /** Bytes of memory held. */
  get heldBytes(): number {
    return this.#lines.heldBytes + (this.#rest?.length ?? 0)
  }

  /**
   * Reads until the time is up.
   *
   * @param chunk - the next bytes of the stream, where nothing waits; left out, what waits
   */
  read(chunk: Buffer | undefined = this.#rest): Turn {
    const bytes = (this.#start === undefined ? chunk : this.#screenStart(this.#start, chunk)) ?? Buffer.alloc(0)
    const startMs = this.#now()
    this.#messages = 0
    let [readBytes, spentMs] = [0, 0]
    while (readBytes < bytes.length && spentMs < TURN_MS && !this.#isOver) {
      const slice = firstLines(bytes.subarray(readBytes))
      this.#lines.push(slice)
      readBytes += slice.length
      spentMs = this.#now() - startMs
    }
    this.#keep(bytes.subarray(readBytes))
    return { messages: this.#messages, bytes: readBytes, spentMs }
  }

  /** Takes the end of the stream: a last line without a line end is a line. */
  finish(): void {
    // What began like a session may have been a short line.
    const rest = this.#start?.release()
    if (rest !== undefined && rest.length > 0) this.#lines.push(rest)
    this.#lines.finish()
  }

  /** Ignores everything from here on and lets go of what it holds. */
  stop(): void {
    this.#isOver = true
    this.#start?.release()
    this.#keep(undefined)
    this.#lines.stop()
  }

  /** The bytes to be read as lines; undefined where a session begins, or may begin. */
  #screenStart(start: SessionStart, chunk: Buffer | undefined): Buffer | undefined {
    const found = chunk === undefined ? undefined : start.push(chunk)
    if (found === undefined) return undefined
    this.#start = undefined
    return found.isSession && this.#options.onSession?.(found.head) === true ? undefined : found.head
  }

  #keep(rest: Buffer | undefined): void {
    const { budget } = this.#options
    budget.remove(this.#rest?.length ?? 0)
    this.#rest = rest !== undefined && rest.length > 0 && !this.#isOver ? rest : undefined
    budget.add(this.#rest?.length ?? 0)
  }
}

/** Whole lines up to the size of a slice, or one line that is longer, or all where no line ends. */
function firstLines(bytes: Buffer): Buffer {
  if (bytes.length <= SLICE_BYTES) return bytes
  const last = bytes.lastIndexOf(LINE_FEED, SLICE_BYTES - 1)
  const end = last >= 0 ? last : bytes.indexOf(LINE_FEED, SLICE_BYTES)
  return end < 0 ? bytes : bytes.subarray(0, end + 1)
}
