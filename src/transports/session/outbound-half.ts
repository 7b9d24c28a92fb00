/**
 * The way of a channel's bytes from its writer. One piece of the user's waits here at a time, is cut as the session has
 * turns and the other side has credit to give, and is done when its last byte has left.
 */

import { InvalidValueError } from '../../core/index.ts'
import { CREDIT_MAX, DATA_BYTES_MAX, malformed } from './frame.ts'

/** What a half tells its channel. */
export interface OutboundPorts {
  /** There is something to send. */
  onReady(): void
  /** The writer gave up before it ended. */
  onAborted(reason: unknown): void
}

/** Bytes that a writer may put in without waiting. */
const WRITER_BYTES_MAX = 65_536

interface Settling {
  resolve(): void
  reject(error: Error): void
}

/** Writes one channel. */
export class OutboundHalf {
  readonly stream: WritableStream<Uint8Array>
  readonly #ports: OutboundPorts
  #controller: WritableStreamDefaultController | undefined
  #creditBytes = 0
  #bytes: Uint8Array | undefined
  #writing: Settling | undefined
  #ending: Settling | undefined
  #isOver = false

  constructor(ports: OutboundPorts) {
    this.#ports = ports
    this.stream = new WritableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
          // The stream itself calls `abort` only when the write under way is done, which may be never.
          const { signal } = controller as { signal?: AbortSignal }
          signal?.addEventListener('abort', () => this.#abort(signal.reason))
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason: unknown) => this.#abort(reason),
      },
      { highWaterMark: WRITER_BYTES_MAX, size: (chunk) => chunk.byteLength },
    )
  }

  /** Whether the end was sent, or it failed. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether `next` has something to send. */
  get isReady(): boolean {
    return this.#bytes === undefined ? this.#ending !== undefined : this.#creditBytes > 0
  }

  /**
   * Takes credit from the other side.
   *
   * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`: no side may have so much
   */
  addCredit(bytes: number): void {
    this.#creditBytes += bytes
    if (this.#creditBytes > CREDIT_MAX) throw malformed('there is more credit than can be')
    if (this.isReady) this.#ports.onReady()
  }

  /**
   * What is to be sent next, as far as there is credit.
   *
   * @returns bytes, at most {@link DATA_BYTES_MAX}; `'end'`; undefined if there is nothing to send
   */
  next(): Uint8Array | 'end' | undefined {
    if (!this.isReady) return undefined
    const bytes = this.#bytes
    if (bytes === undefined) {
      const ending = this.#ending
      this.#ending = undefined
      this.#isOver = true
      ending?.resolve()
      return 'end'
    }
    const piece = bytes.subarray(0, Math.min(DATA_BYTES_MAX, this.#creditBytes))
    this.#creditBytes -= piece.length
    if (piece.length < bytes.length) this.#bytes = bytes.subarray(piece.length)
    else this.#settle()
    return piece
  }

  /** Fails the writer, unless its end was sent. */
  fail(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#controller?.error(error)
    this.#rejectAll(error)
  }

  #write(chunk: unknown): Promise<void> | undefined {
    const bytes = bytesOf(chunk)
    if (bytes.length === 0) return undefined
    return new Promise((resolve, reject) => {
      this.#bytes = bytes
      this.#writing = { resolve, reject }
      if (this.isReady) this.#ports.onReady()
    })
  }

  #close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ending = { resolve, reject }
      this.#ports.onReady()
    })
  }

  #abort(reason: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#rejectAll(reason instanceof Error ? reason : new Error('the writer was aborted'))
    this.#ports.onAborted(reason)
  }

  /** A stream waits for what is under way before it fails. */
  #rejectAll(error: Error): void {
    const [writing, ending] = [this.#writing, this.#ending]
    this.#forget()
    writing?.reject(error)
    ending?.reject(error)
  }

  #settle(): void {
    const writing = this.#writing
    this.#forget()
    writing?.resolve()
  }

  #forget(): void {
    this.#bytes = undefined
    this.#writing = undefined
    this.#ending = undefined
  }
}

/** Users write what they have; only bytes can be sent. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new InvalidValueError('chunk', 'is not made of bytes')
}
