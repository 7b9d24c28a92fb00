/**
 * Two ends of a pipe in memory. Bytes are copied, arrive when the network says, in their order whatever it says, and
 * pile up only so far before the writer is told to wait.
 */

import { assert, TransportError } from '../../core/index.ts'
import { joinBytes, type Pipe, type PipeReceiver } from '../session/index.ts'
import type { MemoryWay } from './options.ts'

/** Bytes under way or unread before `write` says to wait. */
const HIGH_WATER_BYTES = 262_144

/** What comes through a pipe, in order. */
type Arrival = Uint8Array | 'end'

/** What both ends have in common. */
export interface PipeMedium {
  /** Calls back when something arrives; without a way, soon. */
  readonly schedule: (deliver: () => void, way?: MemoryWay) => void
  /** So many bytes have left one end for the other. */
  readonly onBytes: (bytes: number) => void
  /** Who dials, and who is dialled. */
  readonly way: MemoryWay
}

/** One end. */
export class MemoryPipe implements Pipe {
  readonly #medium: PipeMedium
  /** The way to this end. */
  readonly #way: MemoryWay
  #other: MemoryPipe | undefined
  #receiver: PipeReceiver | undefined
  /** What is under way to this end, in order. */
  readonly #coming: Arrival[] = []
  /** How much of it has arrived. */
  #arrived = 0
  /** Bytes that this end has sent and the other has not read. */
  #unreadBytes = 0
  /** Whether the writer waits for `onDrain`, and whether that may be told. */
  #isDrainDue = false
  #hasDrained = false
  #isPaused = true
  #isEnded = false
  #isReading = false
  #state: 'open' | 'closed' | 'told' = 'open'
  #error: Error | undefined

  /** Use {@link memoryPipes}. */
  constructor(medium: PipeMedium, way: MemoryWay) {
    this.#medium = medium
    this.#way = way
  }

  /** The address of this end. */
  get address(): string {
    return this.#way.to
  }

  /** Whether nothing more can come of it. */
  get isClosed(): boolean {
    return this.#state !== 'open'
  }

  /** Joins it to the other end. */
  join(other: MemoryPipe): void {
    this.#other = other
  }

  receive(receiver: PipeReceiver): void {
    this.#receiver = receiver
    this.#schedule()
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#isEnded || this.#state !== 'open') return true
    // A part may be a piece of something that the other end must not share.
    const bytes = parts.length === 1 ? new Uint8Array(joinBytes(parts)) : joinBytes(parts)
    if (bytes.length === 0) return !this.#isDrainDue
    this.#unreadBytes += bytes.length
    this.#medium.onBytes(bytes.length)
    this.#peer.#expect(bytes)
    this.#isDrainDue ||= this.#unreadBytes >= HIGH_WATER_BYTES
    return !this.#isDrainDue
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  end(): void {
    if (this.#isEnded || this.#state !== 'open') return
    this.#isEnded = true
    this.#peer.#expect('end')
  }

  destroy(): void {
    if (this.#state !== 'open') return
    this.#close()
    this.#medium.schedule(() => this.#peer.break(), this.#peer.#way)
  }

  /** Breaks this end, and no other: what was under way to it is lost. */
  break(): void {
    this.#close(new TransportError('GOSSIP_CONNECTION_LOST', 'the other side is gone', { direction: 'inbound' }))
  }

  get #peer(): MemoryPipe {
    assert(this.#other !== undefined, 'a pipe has two ends')
    return this.#other
  }

  #expect(arrival: Arrival): void {
    if (this.#state !== 'open') return
    this.#coming.push(arrival)
    this.#medium.schedule(
      this.#once(() => void this.#arrived++),
      this.#way,
    )
  }

  #schedule(): void {
    this.#medium.schedule(this.#once(() => {}))
  }

  /** A schedule may call more than once. */
  #once(note: () => void): () => void {
    let isDone = false
    return () => {
      if (isDone) return
      isDone = true
      note()
      this.#read()
    }
  }

  /** Tells all that has arrived. What a receiver does in between may end, pause or hand over the pipe. */
  #read(): void {
    if (this.#isReading) return
    this.#isReading = true
    this.#tellDrain()
    while (this.#state === 'open' && this.#receiver !== undefined && this.#arrived > 0 && !this.#isPaused) {
      const arrival = this.#coming.shift()
      this.#arrived--
      if (arrival !== undefined) this.#take(arrival, this.#receiver)
    }
    this.#isReading = false
    if (this.#state !== 'closed' || this.#receiver === undefined) return
    this.#state = 'told'
    this.#receiver.onClosed(this.#error)
  }

  #tellDrain(): void {
    if (!this.#hasDrained || this.#state !== 'open' || this.#receiver === undefined) return
    this.#hasDrained = false
    this.#isDrainDue = false
    this.#receiver.onDrain()
  }

  #take(arrival: Arrival, receiver: PipeReceiver): void {
    if (arrival === 'end') {
      this.end()
      this.#close()
    } else {
      this.#peer.#onRead(arrival.length)
      receiver.onBytes(arrival)
    }
  }

  #onRead(bytes: number): void {
    this.#unreadBytes -= bytes
    if (!this.#isDrainDue || this.#hasDrained || this.#unreadBytes > HIGH_WATER_BYTES / 2) return
    this.#hasDrained = true
    this.#schedule()
  }

  #close(error?: Error): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#error = error
    this.#coming.length = 0
    this.#arrived = 0
    this.#schedule()
  }
}

/** Both ends of a new pipe, that of the dialler first. */
export function memoryPipes(medium: PipeMedium): readonly [MemoryPipe, MemoryPipe] {
  const { from, to } = medium.way
  const [a, b] = [new MemoryPipe(medium, { from: to, to: from }), new MemoryPipe(medium, medium.way)]
  a.join(b)
  b.join(a)
  return [a, b]
}
