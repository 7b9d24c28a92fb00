/**
 * The inbound half of a connection: bytes in, JSON values out. `ndjson` frames and parses; in front of it a gate keeps
 * the limit on a line and hands over whole lines only.
 */

import ndjson from 'ndjson'
import { assert, type Direction, MalformedMessageError } from '../core/index.ts'
import { type ByteBudget, LineGate } from '../transports/index.ts'

/** What a reader needs to know. */
export interface LineReaderOptions {
  readonly lineBytesMax: number
  readonly budget: ByteBudget
  readonly direction: Direction
  /** Called with each line's value, in order, inside `push` or `finish`. */
  readonly onValue: (value: unknown) => void
  /** Called once, when the stream is no sequence of readable lines; no value follows. */
  readonly onError: (error: Error) => void
}

/** Reads one stream of newline-delimited JSON. Nothing outlives the call it arrived in but an unfinished line. */
export class LineReader {
  readonly #gate: LineGate
  readonly #parser: ReturnType<typeof ndjson.parse>
  readonly #options: LineReaderOptions
  #isOver = false

  /** @param options - limits and where the values go */
  constructor(options: LineReaderOptions) {
    this.#options = options
    this.#gate = new LineGate(options)
    this.#parser = ndjson.parse()
    this.#parser.on('data', (value: unknown) => {
      if (!this.#isOver) options.onValue(value)
    })
    this.#parser.on('error', (cause: Error) => this.#fail(malformed('a line is no JSON', cause)))
    // Nobody ends the parser but a line `null`, which it takes for the end of its own stream.
    this.#parser.on('end', () => this.#fail(malformed('it is null')))
  }

  /** Bytes of the line that has begun and not ended. */
  get pendingBytes(): number {
    return this.#gate.pendingBytes
  }

  /** Bytes of memory held for it. */
  get heldBytes(): number {
    return this.#gate.heldBytes
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Uint8Array): void {
    if (this.#isOver) return
    try {
      this.#gate.push(chunk, (lines) => this.#parse(lines))
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Takes the end of the stream: a last line without a line end is a line. */
  finish(): void {
    if (this.#isOver) return
    this.#gate.finish((line) => this.#parse(line))
  }

  /** Ignores everything from here on and lets go of what it holds. */
  stop(): void {
    this.#isOver = true
    this.#gate.release()
  }

  #parse(lines: Uint8Array): void {
    if (this.#isOver) return
    this.#parser.write(Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength))
    assert(this.#parser.writableLength === 0, 'the bytes are only lent, so nothing may be put off')
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.stop()
    this.#options.onError(error instanceof Error ? error : new Error(String(error)))
  }
}

function malformed(problem: string, cause?: Error): MalformedMessageError {
  const error = new MalformedMessageError(problem)
  if (cause !== undefined) error.cause = cause
  return error
}
