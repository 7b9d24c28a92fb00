/**
 * The way of a channel's bytes from its writer. A little waits here, so that there is something to send as soon as there
 * is room; it is cut as the session has turns and the other side gives credit. The writer waits when this is full.
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

/** Bytes and pieces that wait here before the writer does. */
const WAITING_BYTES_MAX = 262_144
const WAITING_PIECES_MAX = 64

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
  /** What the writer has written; nobody changes it any more. */
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
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
      // What waits is counted here and not there.
      { highWaterMark: 1 },
    )
  }

  /** Whether the end was sent, or it failed. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether `next` has something to send. */
  get isReady(): boolean {
    return this.#waiting.length === 0 ? this.#ending !== undefined : this.#creditBytes > 0
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
    const [bytes] = this.#waiting
    if (bytes === undefined) {
      const ending = this.#ending
      this.#ending = undefined
      this.#isOver = true
      ending?.resolve()
      return 'end'
    }
    const piece = bytes.subarray(0, Math.min(DATA_BYTES_MAX, this.#creditBytes))
    this.#creditBytes -= piece.length
    this.#waitingBytes -= piece.length
    if (piece.length < bytes.length) this.#waiting[0] = bytes.subarray(piece.length)
    else this.#waiting.shift()
    if (this.#hasRoom()) this.#settle()
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
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.isReady) this.#ports.onReady()
    if (this.#hasRoom()) return undefined
    return new Promise((resolve, reject) => {
      this.#writing = { resolve, reject }
    })
  }

  #hasRoom(): boolean {
    return this.#waitingBytes < WAITING_BYTES_MAX && this.#waiting.length < WAITING_PIECES_MAX
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
    this.#writing = undefined
    writing?.resolve()
  }

  #forget(): void {
    this.#waiting = []
    this.#waitingBytes = 0
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
