/**
 * The history of a simulation, one record per thing that happened, and a fingerprint of all of it. Two runs with the
 * same seed and options have the same fingerprint, or something in them does not follow from the seed.
 */

import type { JsonValue } from '../../core/index.ts'

/** One thing that happened. `at` is virtual time, ms. */
export interface TraceRecord {
  readonly at: number
  readonly what: string
  readonly [fact: string]: JsonValue | undefined
}

/** Takes one record as a line of JSON, without the line end. */
export type TraceSink = (line: string) => void

const LANES = [0x811c9dc5, 0x9747b28c] as const

/** Fingerprints records, and passes them on to whoever wants them. */
export class Trace {
  /** Records so far. */
  records = 0
  #high: number = LANES[0]
  #low: number = LANES[1]
  readonly #sink: TraceSink | undefined

  constructor(sink?: TraceSink) {
    this.#sink = sink
  }

  /** 16 hexadecimal digits over everything written so far. */
  get hash(): string {
    return hex(this.#high) + hex(this.#low)
  }

  write(record: TraceRecord): void {
    const line = JSON.stringify(record)
    this.records++
    for (let i = 0; i < line.length; i++) {
      const unit = line.charCodeAt(i)
      this.#high = Math.imul(this.#high ^ unit, 0x01000193)
      this.#low = Math.imul(this.#low ^ unit, 0x5bd1e995)
      this.#low ^= this.#low >>> 13
    }
    this.#sink?.(line)
  }
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0')
}
