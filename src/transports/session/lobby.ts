/**
 * Those who have connected and not yet said who they are. Their number and their time are bounded: a newcomer takes the
 * place of the oldest who has said nothing, and is turned away where there is none.
 */

import {
  type GossipError,
  LifecycleError,
  MalformedMessageError,
  type System,
  TransportError,
} from '../../core/index.ts'
import type { Greeting } from './greeting.ts'
import { GreetingReader } from './greeting-reader.ts'
import type { ResolvedSessionOptions } from './options.ts'
import { endPipe, type Pipe } from './pipe.ts'

/** Somebody who has said who he is. */
export interface Guest {
  readonly reader: GreetingReader
  readonly greeting: Greeting
}

interface Waiting {
  readonly reader: GreetingReader
  readonly controller: AbortController
  hasSpoken: boolean
}

/** Refusals are told at most once in so many ms. */
const REPORT_PERIOD_MS = 1_000

/** The waiting room of a hub. */
export class Lobby {
  readonly #limits: ResolvedSessionOptions
  readonly #system: System
  readonly #tellError: (error: Error) => void
  readonly #waiting = new Map<Pipe, Waiting>()
  readonly #leaving = new Set<Promise<void>>()
  #refusals = 0
  #reportedMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(limits: ResolvedSessionOptions, system: System, tellError: (error: Error) => void) {
    this.#limits = limits
    this.#system = system
    this.#tellError = tellError
  }

  /**
   * Waits until somebody says who he is. He counts until {@link leave} is called.
   *
   * @param head - bytes of the pipe that were read before
   * @returns undefined if he does not, or may not; the pipe is then ended, and the reason was told
   */
  async admit(pipe: Pipe, head: Uint8Array): Promise<Guest | undefined> {
    const reader = new GreetingReader(pipe, head)
    const waiting = { reader, controller: new AbortController(), hasSpoken: false }
    if (!this.#hasRoom()) {
      this.#end(pipe, reader)
      return undefined
    }
    this.#waiting.set(pipe, waiting)
    try {
      const { signal } = waiting.controller
      const greeting = await reader.read(this.#system, this.#limits.handshakeTimeoutMs, signal)
      waiting.hasSpoken = true
      return { reader, greeting }
    } catch (error) {
      this.leave(pipe)
      this.#end(pipe, reader)
      this.#tellFailure(error as GossipError, reader)
      return undefined
    }
  }

  /** He is now somebody else's. */
  leave(pipe: Pipe): void {
    this.#waiting.delete(pipe)
  }

  /** Turns everybody out. Resolves when their pipes are closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { controller } of this.#waiting.values()) controller.abort(turnedAway())
    // Those who were aborted are ended a microtask later.
    await Promise.resolve()
    while (this.#leaving.size > 0) await Promise.all(this.#leaving)
  }

  #hasRoom(): boolean {
    if (this.#isClosed) return false
    if (this.#waiting.size < this.#limits.handshakesMax) return true
    this.#noteRefusal()
    for (const [pipe, { reader, controller }] of this.#waiting) {
      if (reader.receivedBytes > 0) continue
      this.#waiting.delete(pipe)
      controller.abort(turnedAway())
      return true
    }
    return false
  }

  #end(pipe: Pipe, reader: GreetingReader): void {
    if (reader.isClosed) return
    pipe.destroy()
    const left = endPipe(pipe, this.#system, this.#limits.closeTimeoutMs).then(() => void this.#leaving.delete(left))
    this.#leaving.add(left)
  }

  #noteRefusal(): void {
    this.#refusals++
    const nowMs = this.#system.now()
    if (nowMs - this.#reportedMs < REPORT_PERIOD_MS) return
    this.#reportedMs = nowMs
    const problem = `${this.#refusals} connections were refused or dropped: handshakesMax is ${this.#limits.handshakesMax}`
    this.#refusals = 0
    this.#tellError(new TransportError('GOSSIP_SESSION_LIMIT', problem, { direction: 'inbound' }))
  }

  /** Who comes and goes without a word, or had to go, is nobody's trouble. */
  #tellFailure(error: GossipError, reader: GreetingReader): void {
    const hasLeft = error.code === 'GOSSIP_CONNECTION_LOST' && reader.receivedBytes === 0
    if (hasLeft || error instanceof LifecycleError) return
    if (error instanceof MalformedMessageError) {
      const facts = { peer: error.peer, direction: 'inbound', cause: error } as const
      this.#tellError(new TransportError('GOSSIP_SESSION_MALFORMED', error.message, facts))
    } else this.#tellError(error)
  }
}

function turnedAway(): LifecycleError {
  return new LifecycleError('GOSSIP_ABORTED', 'the connection had to make room')
}
