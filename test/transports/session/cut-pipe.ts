/** Two ends of a pipe for tests: bytes arrive in pieces of any size, and only so many wait before the writer has to. */

import { joinBytes, type Pipe, type PipeReceiver } from '../../../src/transports/session/index.ts'

/** One end. It delivers a microtask later. */
export class CutPipe implements Pipe {
  other: CutPipe | undefined
  receiver: PipeReceiver | undefined
  /** How many bytes the next piece has; 0 delivers all that is there. */
  nextCut: () => number = () => 0
  highWaterBytes = 65_536
  /** Bytes that this end has written, all together. */
  writtenBytes = 0
  isPaused = true
  isEnded = false
  isClosed = false
  #error: Error | undefined
  #isTold = false
  #isDrainDue = false
  #isReading = false
  #coming: Uint8Array = new Uint8Array(0)

  receive(receiver: PipeReceiver): void {
    this.receiver = receiver
    this.poke()
  }

  write(parts: readonly Uint8Array[]): boolean {
    const bytes = joinBytes(parts)
    if (this.isEnded || this.isClosed || this.other === undefined) return true
    this.writtenBytes += bytes.length
    this.other.#coming = joinBytes([this.other.#coming, bytes.slice()])
    this.other.poke()
    this.#isDrainDue ||= this.other.#coming.length >= this.highWaterBytes
    return !this.#isDrainDue
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.poke()
  }

  end(): void {
    this.isEnded = true
    this.other?.poke()
  }

  destroy(error?: Error): void {
    for (const pipe of [this, this.other]) {
      if (pipe === undefined || pipe.isClosed) continue
      pipe.isClosed = true
      pipe.#error = error
      pipe.poke()
    }
  }

  /** Goes on with whatever can go on. */
  poke(): void {
    queueMicrotask(() => this.#read())
  }

  #read(): void {
    const { receiver, other } = this
    if (this.#isReading || receiver === undefined || other === undefined) return
    if (this.isClosed) {
      if (this.#isTold) return
      this.#isTold = true
      receiver.onClosed(this.#error)
    } else if (this.isPaused) return
    else if (this.#coming.length > 0) this.#deliver(receiver, other)
    else if (other.isEnded) {
      this.end()
      this.isClosed = true
      this.poke()
    }
  }

  #deliver(receiver: PipeReceiver, other: CutPipe): void {
    const cut = Math.min(this.#coming.length, this.nextCut() || this.#coming.length)
    const piece = this.#coming.slice(0, cut)
    this.#coming = this.#coming.slice(cut)
    this.#isReading = true
    receiver.onBytes(piece)
    this.#isReading = false
    if (other.#isDrainDue && this.#coming.length < other.highWaterBytes / 2) {
      other.#isDrainDue = false
      queueMicrotask(() => other.receiver?.onDrain())
    }
    this.poke()
  }
}

/** Both ends of a new pipe. */
export function cutPipes(): readonly [CutPipe, CutPipe] {
  const [a, b] = [new CutPipe(), new CutPipe()]
  a.other = b
  b.other = a
  return [a, b]
}
