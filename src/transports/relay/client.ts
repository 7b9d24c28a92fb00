/** One registered client, as its relay sees it: what waits for it, what it may say, whom it was in contact with. */

import type { Channel, Session, System } from '../../core/index.ts'
import type { ByteBudget } from '../wire/index.ts'
import { FramedChannel } from './framed-channel.ts'
import { LaneQueue } from './lane-queue.ts'
import { Quota } from './quota.ts'
import {
  encodeRelayFrame,
  FRAME_OVERHEAD_BYTES_MAX,
  PLAIN_FRAME_BYTES_MAX,
  type RelayFrame,
  type RelayMessage,
} from './relay-frame.ts'
import type { ResolvedRelayServerOptions } from './server-options.ts'

/** What a relay tells of a client. */
export interface RelayClientInfo {
  readonly id: string
  readonly generation: number
  /** When it registered, ms of the relay's monotonic clock. */
  readonly sinceMs: number
  readonly authenticated: boolean
  /** Messages that came from it, and their bytes; bytes of its relayed sessions included. */
  readonly receivedMessages: number
  readonly receivedBytes: number
  /** Messages that were passed on to it, and their bytes; bytes of its relayed sessions included. */
  readonly sentMessages: number
  readonly sentBytes: number
  /** Messages for it that gave way to newer ones or found no room. */
  readonly droppedMessages: number
  /** Messages and bytes that wait for it. */
  readonly waitingMessages: number
  readonly waitingBytes: number
  /** Relayed sessions it has. */
  readonly pipes: number
}

/** What was decided on: who registers, and on which channel of which session. */
export interface Registration {
  readonly id: string
  readonly generation: number
  readonly session: Session
  readonly channel: Channel
}

/** What a client asks of its relay. */
export interface RelayClientPorts {
  readonly options: ResolvedRelayServerOptions
  readonly system: System
  /** Shared by all clients. */
  readonly budget: ByteBudget
  onFrame(client: RelayClient, frame: RelayFrame): void
  onOver(client: RelayClient, error: Error | undefined): void
}

/** Frames about messages that wait for a client that does not read; beyond, the oldest goes. */
const NOTICES_MAX = 256

/** A registration in force. */
export class RelayClient {
  readonly id: string
  readonly session: Session
  generation: number
  /** Relayed sessions it has. */
  pipes = 0
  readonly #ports: RelayClientPorts
  readonly #channel: FramedChannel
  readonly #queue: LaneQueue
  readonly #quota: Quota
  readonly #sinceMs: number
  /** The relay's own words, ahead of others' messages. */
  readonly #notices: Uint8Array[] = []
  /** In the order of the latest contact. */
  readonly #partners = new Set<string>()
  #received = { messages: 0, bytes: 0 }
  #sent = { messages: 0, bytes: 0 }

  constructor(facts: Registration, ports: RelayClientPorts) {
    const { options, system, budget } = ports
    this.id = facts.id
    this.generation = facts.generation
    this.session = facts.session
    this.#ports = ports
    this.#sinceMs = system.now()
    this.#queue = new LaneQueue({ bytesMax: options.queueBytesMax, laneMessagesMax: options.queueMessagesMax }, budget)
    this.#quota = new Quota(options, system.now())
    this.#channel = new FramedChannel(facts.channel, {
      bodyBytesMax: Math.max(options.messageBytesMax + FRAME_OVERHEAD_BYTES_MAX, PLAIN_FRAME_BYTES_MAX),
      startTimer: (callback, delayMs) => system.startTimer(callback, delayMs),
      onFrame: (frame) => this.#onFrame(frame),
      next: () => this.#next(),
      onOver: (error) => {
        this.#release()
        ports.onOver(this, error)
      },
    })
  }

  /** Who is told when it disappears. */
  get partners(): ReadonlySet<string> {
    return this.#partners
  }

  /** The facts, as they are now. */
  get info(): RelayClientInfo {
    return Object.freeze({
      id: this.id,
      generation: this.generation,
      sinceMs: this.#sinceMs,
      authenticated: this.session.authenticated,
      receivedMessages: this.#received.messages,
      receivedBytes: this.#received.bytes,
      sentMessages: this.#sent.messages,
      sentBytes: this.#sent.bytes,
      droppedMessages: this.#queue.dropped,
      waitingMessages: this.#queue.length,
      waitingBytes: this.#queue.bytes,
      pipes: this.pipes,
    })
  }

  /** Begins: the welcome goes out, frames are read. */
  start(welcome: RelayFrame): void {
    this.notify(welcome)
    this.#channel.start()
  }

  /** Says something of the relay's own. */
  notify(frame: RelayFrame): void {
    if (this.#notices.length >= NOTICES_MAX) this.#notices.shift()
    this.#notices.push(encodeRelayFrame(frame))
    this.#channel.wake()
  }

  /** Passes a message on, when its turn comes. `message.peer` is who it is from. */
  deliver(message: RelayMessage): void {
    if (this.#queue.put({ lane: message.peer, slot: message.slot, bytes: encodeRelayFrame(message) })) {
      this.#channel.wake()
    }
  }

  /** Notes contact with a peer; the one longest without contact is forgotten. */
  notePartner(id: string): void {
    this.#partners.delete(id)
    this.#partners.add(id)
    if (this.#partners.size <= this.#ports.options.partnersMax) return
    for (const oldest of this.#partners) {
      this.#partners.delete(oldest)
      return
    }
  }

  /** Bytes of a relayed session came from it. @returns how long to wait before more is read, ms */
  notePipedIn(bytes: number): number {
    this.#received.bytes += bytes
    return this.#quota.take(0, bytes, this.#ports.system.now())
  }

  /** Bytes of a relayed session went to it. */
  notePipedOut(bytes: number): void {
    this.#sent.bytes += bytes
  }

  /** Ends the registration: the code tells the client why. */
  dismiss(code: string): void {
    this.#release()
    this.#channel.reset(code)
  }

  async #onFrame(frame: RelayFrame): Promise<void> {
    const bytes = frame.kind === 'message' ? frame.bytes.length : 0
    this.#received.messages += frame.kind === 'message' ? 1 : 0
    this.#received.bytes += bytes
    const { system } = this.#ports
    const waitMs = this.#quota.take(1, bytes, system.now())
    this.#ports.onFrame(this, frame)
    if (waitMs > 0) await new Promise<void>((resolve) => void system.startTimer(resolve, waitMs))
  }

  #next(): Uint8Array | undefined {
    const notice = this.#notices.shift()
    if (notice !== undefined) return notice
    const message = this.#queue.shift()
    if (message === undefined) return undefined
    this.#sent.messages++
    this.#sent.bytes += message.length
    return message
  }

  #release(): void {
    this.#queue.clear()
    this.#notices.length = 0
  }
}
