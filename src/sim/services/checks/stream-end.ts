/** One end of a stream under test: writes bytes that show their place, and compares what it reads with what must come. */

import type { Duplex } from 'node:stream'
import { codeOf, purposeError } from '../check.ts'
import type { ServiceLife } from '../life.ts'

/** What an end does. */
export interface StreamEndFacts {
  /** Tells its bytes from those of others: an integer. */
  readonly writes: number
  readonly bytes: number
  /** Whose bytes must come, and how many. */
  readonly reads: number
  readonly expected: number
  /** Destroys the stream when it has written so many. */
  readonly stopAt?: number | undefined
}

const CHUNK_BYTES_MAX = 60_000
const PAUSE_MS_MAX = 200

/** Mutable until it is closed. */
export class StreamEnd {
  readonly #stream: Duplex
  readonly #facts: StreamEndFacts
  readonly #life: ServiceLife
  readonly #onProblem: (problem: string) => void
  #received = 0
  #isDifferent = false
  #error: Error | undefined
  isClosed = false
  /** Resolves when it is closed. */
  readonly closed: Promise<void>

  constructor(stream: Duplex, facts: StreamEndFacts, life: ServiceLife, onProblem: (problem: string) => void) {
    this.#stream = stream
    this.#facts = facts
    this.#life = life
    this.#onProblem = onProblem
    stream.on('error', (error) => {
      this.#error = error
    })
    stream.on('data', (chunk: Uint8Array) => this.#read(chunk))
    this.closed = new Promise((resolve) => {
      stream.once('close', () => {
        this.isClosed = true
        this.#judge()
        resolve()
      })
    })
    void this.#write()
  }

  /** How it ended: the code of its error, or that it was whole. */
  get outcome(): string {
    return this.#error === undefined ? 'whole' : (codeOf(this.#error) ?? 'no code')
  }

  get isWhole(): boolean {
    return this.isClosed && this.#error === undefined
  }

  /** Resolves when it is closed: whether it was whole. */
  get whole(): Promise<boolean> {
    return this.closed.then(() => this.isWhole)
  }

  async #write(): Promise<void> {
    const { bytes, writes, stopAt = Number.POSITIVE_INFINITY } = this.#facts
    const { system } = this.#life
    const stream = this.#stream
    for (let at = 0; at < bytes && at < stopAt && !stream.destroyed; ) {
      const length = Math.min(bytes - at, stopAt - at, 1 + Math.floor(system.random() ** 2 * CHUNK_BYTES_MAX))
      const hasRoom = stream.write(patternOf(writes, at, length))
      at += length
      if (!hasRoom) await roomIn(stream)
      if (system.random() < 0.5) await this.#life.pause(Math.floor(system.random() * PAUSE_MS_MAX))
    }
    if (bytes >= stopAt) stream.destroy(purposeError('SIM_STREAM_STOPPED'))
    else stream.end()
  }

  #read(chunk: Uint8Array): void {
    const { reads, expected } = this.#facts
    const { system } = this.#life
    for (let i = 0; i < chunk.length && !this.#isDifferent; i++) {
      if (chunk[i] === byteAt(reads, this.#received + i)) continue
      this.#isDifferent = true
      this.#onProblem(`reads another byte than was written at ${this.#received + i}`)
    }
    this.#received += chunk.length
    if (this.#received > expected) this.#onProblem(`reads ${this.#received} bytes, and ${expected} were written`)
    if (system.random() > 0.1) return
    this.#stream.pause()
    system.startTimer(() => this.#stream.resume(), Math.floor(system.random() * PAUSE_MS_MAX))
  }

  #judge(): void {
    const { expected } = this.#facts
    const { readableEnded, writableFinished } = this.#stream
    if (readableEnded && this.#received !== expected) {
      this.#onProblem(`ends after ${this.#received} of ${expected} bytes`)
    }
    if (this.#error === undefined && !(readableEnded && writableFinished)) {
      this.#onProblem('breaks without an error')
    }
    if (this.#error !== undefined && codeOf(this.#error) === undefined) {
      this.#onProblem(`breaks without a code: ${this.#error.message}`)
    }
  }
}

/** The byte at a place of a stream: no part of it looks like another. */
function byteAt(seed: number, at: number): number {
  return (Math.imul(at + 1 + Math.imul(seed, 0x85eb_ca6b), 0x9e37_79b1) >>> 15) & 0xff
}

function patternOf(seed: number, at: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => byteAt(seed, at + i))
}

function roomIn(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve)
    stream.once('close', resolve)
  })
}
