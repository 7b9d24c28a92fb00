/** A channel through a relay as a pipe, so that a session with the peer at its other end can be had on it. */

import { type Channel, type SenderRef, TransportError } from '../../core/index.ts'
import { joinBytes, type Pipe, type PipeReceiver } from '../session/index.ts'

/** Bytes that may wait in the pipe before `write` says so. */
const HIGH_WATER_BYTES = 262_144

/** One end of a relayed session. */
export class ChannelPipe implements Pipe {
  readonly #channel: Channel
  readonly #peerId: string
  readonly #onOver: () => void
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  #receiver: PipeReceiver | undefined
  #waitingBytes = 0
  #isDrainDue = false
  #isPaused = true
  #isReading = false
  #isEnding = false
  /** What was read while nobody wanted it. */
  #unread: Uint8Array | undefined
  #closed: { readonly error: Error | undefined; isTold: boolean } | undefined

  /**
   * @param peerId - who the relay says is at the other end
   * @param onOver - called once, when it is closed
   */
  constructor(channel: Channel, peerId: string, onOver: () => void) {
    this.#channel = channel
    this.#peerId = peerId
    this.#onOver = onOver
    this.#reader = channel.readable.getReader()
    this.#writer = channel.writable.getWriter()
    this.#writer.closed.catch((error: unknown) => this.#close(error as Error))
  }

  receive(receiver: PipeReceiver): void {
    this.#receiver = receiver
    queueMicrotask(() => this.#tell())
  }

  write(parts: readonly Uint8Array[]): boolean {
    const bytes = joinBytes(parts)
    if (this.#isEnding || this.#closed !== undefined || bytes.length === 0) return !this.#isDrainDue
    this.#waitingBytes += bytes.length
    this.#isDrainDue ||= this.#waitingBytes >= HIGH_WATER_BYTES
    this.#writer.write(bytes).then(
      () => this.#onWritten(bytes.length),
      () => {},
    )
    return !this.#isDrainDue
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    queueMicrotask(() => this.#tell())
  }

  end(): void {
    if (this.#isEnding || this.#closed !== undefined) return
    this.#isEnding = true
    this.#writer.close().catch(() => {})
  }

  destroy(): void {
    if (this.#closed !== undefined) return
    this.#channel.reset('GOSSIP_CONNECTION_LOST')
    this.#close(undefined)
  }

  /**
   * A relay knows who its clients are, and nothing more is proven by it.
   *
   * @throws {TransportError} `GOSSIP_PEER_UNEXPECTED`: somebody else than the relay says
   */
  authenticate(claimed: SenderRef): boolean {
    if (claimed.id === this.#peerId) return false
    const problem = `${JSON.stringify(claimed.id)} speaks where the relay has ${JSON.stringify(this.#peerId)}`
    throw new TransportError('GOSSIP_PEER_UNEXPECTED', problem, { peer: claimed, direction: 'inbound' })
  }

  #onWritten(bytes: number): void {
    this.#waitingBytes -= bytes
    if (!this.#isDrainDue || this.#waitingBytes > HIGH_WATER_BYTES / 2 || this.#closed !== undefined) return
    this.#isDrainDue = false
    this.#receiver?.onDrain()
  }

  /** Tells what is due, then reads on. */
  #tell(): void {
    if (this.#receiver === undefined) return
    if (this.#unread !== undefined && !this.#isPaused && this.#closed === undefined) {
      const bytes = this.#unread
      this.#unread = undefined
      this.#receiver.onBytes(bytes)
    }
    if (this.#closed?.isTold === false) {
      this.#closed.isTold = true
      this.#receiver.onClosed(this.#closed.error)
    } else if (!this.#isReading && !this.#isPaused && this.#closed === undefined) void this.#read()
  }

  async #read(): Promise<void> {
    this.#isReading = true
    try {
      while (!this.#isPaused && this.#closed === undefined) {
        const { value, done } = await this.#reader.read()
        if (this.#closed !== undefined) return
        if (done) {
          await this.#endToo()
          return
        }
        this.#unread = value
        if (this.#isPaused) break
        this.#unread = undefined
        this.#receiver?.onBytes(value)
      }
    } catch (error) {
      this.#close(error as Error)
    } finally {
      this.#isReading = false
      // It may have been resumed while the last bytes were read.
      if (!this.#isPaused && this.#closed === undefined) queueMicrotask(() => this.#tell())
    }
  }

  /** The other side has ended: so does this one, and then it is over. */
  async #endToo(): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true
      await this.#writer.close()
    } else await this.#writer.closed
    this.#close(undefined)
  }

  #close(error: Error | undefined): void {
    if (this.#closed !== undefined) return
    this.#closed = { error, isTold: false }
    this.#unread = undefined
    this.#onOver()
    queueMicrotask(() => this.#tell())
  }
}
