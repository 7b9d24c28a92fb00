/** Frames over the bytes of a channel: read one by one, at the pace of whoever takes them, and written as there is room. */

import type { Channel, System } from '../../core/index.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { codeOf, parseRelayFrame, type RelayFrame } from './relay-frame.ts'

/** What a framed channel asks of its owner. */
export interface FramedChannelPorts {
  /** Longest body that is taken. */
  readonly bodyBytesMax: number
  readonly startTimer: System['startTimer']
  /** A frame arrived. The next one is read when the promise has resolved; what is thrown ends the channel. */
  onFrame(frame: RelayFrame): Promise<void> | void
  /** The next frame to be sent, encoded; undefined if nothing waits. */
  next(): Uint8Array | undefined
  /** It is over, once; without an error the other side has ended it. */
  onOver(error: Error | undefined): void
}

/** How long the other side may take to end its half, ms. */
const END_TIMEOUT_MS = 1_000

/** One channel of frames. Nothing is read before {@link start}. */
export class FramedChannel {
  readonly #channel: Channel
  readonly #ports: FramedChannelPorts
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #splitter: FrameSplitter
  #isWriting = false
  #state: 'open' | 'ending' | 'ended' | 'over' = 'open'
  #cancelTimer: () => void = () => {}

  constructor(channel: Channel, ports: FramedChannelPorts) {
    this.#channel = channel
    this.#ports = ports
    this.#reader = channel.readable.getReader()
    this.#writer = channel.writable.getWriter()
    this.#splitter = new FrameSplitter(ports.bodyBytesMax)
    // Whatever breaks it is found by the reader as well.
    this.#writer.closed.catch(() => {})
  }

  /** Begins to read. */
  start(): void {
    void this.#read()
  }

  /** There is something to be sent. */
  wake(): void {
    if (!this.#isWriting && (this.#state === 'open' || this.#state === 'ending')) void this.#write()
  }

  /** Sends what waits, then the end, and lets the other side end too; nothing more is told. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#cancelTimer = this.#ports.startTimer(() => this.reset('GOSSIP_RELAY_LOST'), END_TIMEOUT_MS)
    this.wake()
  }

  /** Breaks it at once, with a code for the other side; nothing more is told. */
  reset(code: string): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#cancelTimer()
    this.#channel.reset(code)
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read()
        if (done) break
        // What comes after our own end is of no use, but has to be read for the other side's end to come.
        if (this.#state === 'open') await this.#take(value)
      }
      this.#finish(undefined)
    } catch (error) {
      this.#finish(error as Error)
    }
  }

  async #take(bytes: Uint8Array): Promise<void> {
    this.#splitter.push(bytes)
    for (let body = this.#splitter.next(); body !== undefined; body = this.#splitter.next()) {
      await this.#ports.onFrame(parseRelayFrame(body))
      if (this.#state !== 'open') return
    }
  }

  async #write(): Promise<void> {
    this.#isWriting = true
    try {
      for (;;) {
        await this.#writer.ready
        const frame = this.#state === 'over' ? undefined : this.#ports.next()
        if (frame === undefined) break
        this.#writer.write(frame).catch(() => {})
      }
      if (this.#state === 'ending') {
        this.#state = 'ended'
        this.#writer.close().catch(() => {})
      }
    } catch {
      // The reader fails with the same error, and tells it.
    } finally {
      this.#isWriting = false
    }
  }

  #finish(error: Error | undefined): void {
    const wasOpen = this.#state === 'open'
    if (this.#state === 'over') return
    if (error === undefined && this.#state !== 'ended') this.#writer.close().catch(() => {})
    this.#state = 'over'
    this.#cancelTimer()
    if (error !== undefined) this.#channel.reset(codeOf(error, 'GOSSIP_RELAY_LOST'))
    if (wasOpen) this.#ports.onOver(error)
  }
}
