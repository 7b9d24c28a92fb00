/** How much went through a transport, or through a whole network. */

/** Counts since the beginning. Bytes are those of the encoded messages with their envelopes, and of the hellos. */
export interface Traffic {
  /** Messages accepted for sending; hellos add bytes only. */
  readonly sentMessages: number
  readonly sentBytes: number
  /** Messages that arrived, refused ones included. */
  readonly receivedMessages: number
  readonly receivedBytes: number
  /** Messages that were not accepted, or that found nobody. */
  readonly droppedMessages: number
}

/** Counts for one transport and, through `total`, for all of its network. */
export class TrafficMeter implements Traffic {
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  droppedMessages = 0
  readonly #total: TrafficMeter | undefined

  constructor(total?: TrafficMeter) {
    this.#total = total
  }

  countSent(messages: number, bytes: number): void {
    this.sentMessages += messages
    this.sentBytes += bytes
    this.#total?.countSent(messages, bytes)
  }

  countReceived(messages: number, bytes: number): void {
    this.receivedMessages += messages
    this.receivedBytes += bytes
    this.#total?.countReceived(messages, bytes)
  }

  countDropped(): void {
    this.droppedMessages++
    this.#total?.countDropped()
  }
}
