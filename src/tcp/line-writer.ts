/**
 * The outbound half of a connection: lines written in one turn of the event loop leave in one write, and what has not
 * been taken by the system counts as held against the budget of all connections.
 */

import type { Socket } from 'node:net'
import type { ByteBudget } from '../transports/index.ts'
import { LineBatch } from './line-batch.ts'

/** What a writer needs to know. */
export interface LineWriterOptions {
  readonly budget: ByteBudget
  /** Monotonic time, ms. */
  readonly now: () => number
  /** Whether lines may leave now; if not, they wait for `flush()`. */
  readonly isOpen: () => boolean
  /** Called when bytes have left. */
  readonly onWritten: (bytes: number) => void
}

/** Lines are joined up to about this size; beyond, copying costs more than another write. */
const BATCH_BYTES_MAX = 64 * 1_024

/** Writes lines to one socket. */
export class LineWriter {
  /** Since when nothing leaves although something waits. */
  blockedSinceMs: number | undefined

  readonly #socket: Socket
  readonly #options: LineWriterOptions
  readonly #batch = new LineBatch()
  #heldBytes = 0
  #isOver = false

  /** @param options - see {@link LineWriterOptions} */
  constructor(socket: Socket, options: LineWriterOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** Bytes on their way out. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /**
   * Sends a line at the end of this turn of the event loop.
   *
   * @param bytes - its size in UTF-8
   */
  send(line: string, bytes: number): void {
    if (this.#isOver) return
    if (this.#batch.isEmpty) process.nextTick(() => this.flush())
    this.#batch.add(line, bytes)
    this.#heldBytes += bytes
    this.#options.budget.add(bytes)
    if (this.#batch.bytes >= BATCH_BYTES_MAX) this.flush()
  }

  /** Writes what was sent, where it may leave. */
  flush(): void {
    if (this.#batch.isEmpty || this.#isOver || !this.#options.isOpen()) return
    const { text, bytes, encoding } = this.#batch.take()
    let isTaken = false
    const hasRoom = this.#socket.write(text, encoding, () => {
      if (!isTaken) this.#release(bytes)
      this.#onWritten(bytes)
    })
    // What the system has taken at once is no longer held here, although the callback comes later.
    if (this.#socket.writableLength === 0) {
      isTaken = true
      this.#release(bytes)
    }
    if (!hasRoom) this.blockedSinceMs ??= this.#options.now()
  }

  /** Forgets what was not written yet. */
  dropBatch(): void {
    this.#release(this.#batch.take().bytes)
  }

  /** Forgets everything: the socket is gone. */
  stop(): void {
    this.#batch.take()
    this.#release(this.#heldBytes)
    this.#isOver = true
  }

  #onWritten(bytes: number): void {
    if (this.#isOver) return
    if (this.blockedSinceMs !== undefined) this.blockedSinceMs = this.#options.now()
    this.#options.onWritten(bytes)
  }

  #release(bytes: number): void {
    if (this.#isOver) return
    this.#heldBytes -= bytes
    this.#options.budget.remove(bytes)
  }
}
