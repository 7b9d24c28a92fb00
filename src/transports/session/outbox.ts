/**
 * What a session has to send, and in which order: answers first, then the user's frames and the channels by turns, so
 * that no channel and no frame waits for more than one piece of each other one. What is due in one turn of the event
 * loop leaves together.
 */

import { TransportError } from '../../core/index.ts'
import type { MuxChannel } from './channel.ts'
import { encodeFrame, encodeHead, HEADER_BYTES, KIND, type Kind } from './frame.ts'
import type { ResolvedSessionOptions } from './options.ts'
import type { Pipe } from './pipe.ts'

/** What an outbox tells its session. */
export interface OutboxPorts {
  /** There is room for frames again. */
  onDrain(): void
  /** The peer makes us answer and does not read. */
  onAnswersFull(): void
}

/** Bytes that are handed to the pipe at once, about. */
const BATCH_BYTES = 131_072
/** Bytes of frames that make up one turn; a longer frame is a turn of its own. */
const TURN_BYTES = 65_536
/** What a frame that waits costs beside its bytes, about. */
const OVERHEAD_BYTES = 128
/** Who takes part in the turns beside the channels. */
const FRAMES = 'frames'

/** The queues of one session. */
export class Outbox {
  readonly #pipe: Pipe
  readonly #limits: ResolvedSessionOptions
  readonly #ports: OutboxPorts
  readonly #nowMs: () => number
  #answers: Uint8Array[] = []
  #answerBytes = 0
  #frames: Uint8Array[] = []
  #firstFrame = 0
  #frameBytes = 0
  /** Who has something to send, in the order of their turns. */
  readonly #ready = new Set<MuxChannel | typeof FRAMES>()
  #isDrainDue = false
  #isPumpDue = false
  #isClosed = false
  /** Since when the pipe has no room, ms. */
  #blockedSinceMs: number | undefined

  constructor(pipe: Pipe, limits: ResolvedSessionOptions, nowMs: () => number, ports: OutboxPorts) {
    this.#pipe = pipe
    this.#limits = limits
    this.#nowMs = nowMs
    this.#ports = ports
  }

  /** Since when the other side takes nothing, ms. */
  get blockedSinceMs(): number | undefined {
    return this.#blockedSinceMs
  }

  /** Bytes of frames that wait. */
  get frameBytes(): number {
    return this.#frameBytes
  }

  /** Sends a frame of the session's own before everything else. */
  answer(kind: Kind, channel: number, ...payload: readonly Uint8Array[]): void {
    if (this.#isClosed) return
    const frame = encodeFrame(kind, channel, ...payload)
    this.#answers.push(frame)
    this.#answerBytes += frame.length + OVERHEAD_BYTES
    if (this.#answerBytes > this.#limits.answerBytesMax) this.#ports.onAnswersFull()
    else this.#schedule()
  }

  /**
   * Sends a frame of the user's; it is copied.
   *
   * @returns whether there is room for more
   * @throws {TransportError} `GOSSIP_QUEUE_FULL`; it was not taken
   */
  frame(bytes: Uint8Array): boolean {
    const { frameQueueBytesMax, highWaterBytes } = this.#limits
    const size = costOf(bytes.length)
    if (this.#frameBytes > 0 && this.#frameBytes + size > frameQueueBytesMax) {
      const problem = `${this.#frameBytes} bytes of frames wait already: 'drain' says when there is room`
      throw new TransportError('GOSSIP_QUEUE_FULL', problem, { direction: 'outbound' })
    }
    this.#frames.push(encodeFrame(KIND.frame, 0, bytes))
    this.#frameBytes += size
    this.#ready.add(FRAMES)
    this.#schedule()
    if (this.#frameBytes > highWaterBytes) this.#isDrainDue = true
    return !this.#isDrainDue
  }

  /** A channel has something to send. */
  ready(channel: MuxChannel): void {
    if (this.#isClosed) return
    this.#ready.add(channel)
    this.#schedule()
  }

  /** A channel has nothing to send any more. */
  forget(channel: MuxChannel): void {
    this.#ready.delete(channel)
  }

  /** The pipe has room. */
  onDrain(): void {
    this.#blockedSinceMs = undefined
    this.#pump()
  }

  /** Hands what is left to the pipe: answers, frames, and last the goodbye. Channels are over by now. */
  finish(goodbye: Uint8Array): void {
    if (this.#isClosed) return
    const frames = this.#frames.slice(this.#firstFrame)
    const parts = [...this.#answers, ...frames, encodeFrame(KIND.goodbye, 0, goodbye)]
    this.drop()
    this.#pipe.write(parts)
  }

  /** Drops everything; nothing is sent from now on. */
  drop(): void {
    this.#isClosed = true
    this.#answers = []
    this.#answerBytes = 0
    this.#frames = []
    this.#firstFrame = 0
    this.#frameBytes = 0
    this.#ready.clear()
  }

  #schedule(): void {
    if (this.#isPumpDue || this.#blockedSinceMs !== undefined) return
    this.#isPumpDue = true
    queueMicrotask(() => {
      this.#isPumpDue = false
      this.#pump()
    })
  }

  #pump(): void {
    while (!this.#isClosed && this.#blockedSinceMs === undefined) {
      const parts: Uint8Array[] = []
      for (let bytes = 0; bytes < BATCH_BYTES; ) {
        const collected = this.#collect(parts)
        if (collected === 0) break
        bytes += collected
      }
      if (parts.length === 0) break
      if (!this.#pipe.write(parts)) this.#blockedSinceMs = this.#nowMs()
    }
    if (this.#isDrainDue && this.#frameBytes === 0 && !this.#isClosed) {
      this.#isDrainDue = false
      this.#ports.onDrain()
    }
  }

  /** One turn of somebody's; returns how many bytes it took, 0 if nobody has anything. */
  #collect(parts: Uint8Array[]): number {
    if (this.#answers.length > 0) return this.#collectAnswers(parts)
    for (const next of this.#ready) {
      this.#ready.delete(next)
      const bytes = next === FRAMES ? this.#collectFrames(parts) : this.#collectChannel(next, parts)
      if (bytes > 0) return bytes
    }
    return 0
  }

  #collectAnswers(parts: Uint8Array[]): number {
    const bytes = this.#answerBytes
    for (const answer of this.#answers) parts.push(answer)
    this.#answers = []
    this.#answerBytes = 0
    return bytes
  }

  #collectFrames(parts: Uint8Array[]): number {
    let bytes = 0
    while (bytes < TURN_BYTES) {
      const frame = this.#frames[this.#firstFrame]
      if (frame === undefined) break
      parts.push(frame)
      bytes += frame.length
      this.#frameBytes -= costOf(frame.length - HEADER_BYTES)
      this.#firstFrame++
    }
    if (this.#firstFrame * 2 >= this.#frames.length) {
      this.#frames = this.#frames.slice(this.#firstFrame)
      this.#firstFrame = 0
    }
    if (this.#frames.length > 0) this.#ready.add(FRAMES)
    return bytes
  }

  #collectChannel(channel: MuxChannel, parts: Uint8Array[]): number {
    let bytes = 0
    const credit = channel.takeCredit()
    if (credit !== undefined) {
      parts.push(encodeFrame(KIND.credit, channel.id, credit))
      bytes += HEADER_BYTES + credit.length
    }
    const next = channel.next()
    if (next === 'end') {
      parts.push(encodeHead(KIND.end, channel.id, 0))
      bytes += HEADER_BYTES
    } else if (next !== undefined) {
      parts.push(encodeHead(KIND.data, channel.id, next.length), next)
      bytes += HEADER_BYTES + next.length
    }
    if (channel.isReady) this.#ready.add(channel)
    return bytes
  }
}

function costOf(frameBytes: number): number {
  return frameBytes + HEADER_BYTES + OVERHEAD_BYTES
}
