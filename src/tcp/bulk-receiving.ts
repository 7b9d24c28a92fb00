/**
 * The inbound side of a transfer in bulk: from the offer on, the connection's bytes are one document, read as they arrive.
 * Reading rests for a turn of the event loop after every chunk, so that messages of others are heard in between.
 */

import { type BulkOffer, type BulkSink, TransportError } from '../core/index.ts'
import {
  BULK_ACCEPTED_LINE,
  BULK_STOPPED,
  BULK_UNWANTED,
  BulkDecoder,
  type BulkOffering,
  bulkReceiptLine,
  bulkRefusalLine,
} from '../transports/index.ts'
import type { Connection } from './connection.ts'
import type { Diversion } from './diversion.ts'

/** One transfer, offered and perhaps taken. */
export class BulkReceiving implements BulkOffer, Diversion {
  readonly about: readonly string[] | undefined
  readonly #connection: Connection
  #state: 'offered' | 'accepted' | 'refused' | 'over' = 'offered'
  #sink: BulkSink | undefined
  #decoder: BulkDecoder | undefined
  #groups = 0

  /** @param connection - on which the offer came */
  constructor(connection: Connection, { about }: BulkOffering) {
    this.#connection = connection
    this.about = about
  }

  accept(sink: BulkSink): void {
    if (this.#state !== 'offered') return
    this.#state = 'accepted'
    this.#sink = sink
    this.#decoder = new BulkDecoder({ valueBytesMax: sink.valueBytesMax, onGroup: (group) => this.#take(group) })
    this.#connection.divert(this)
    this.#say(BULK_ACCEPTED_LINE)
  }

  refuse(code: string): void {
    if (this.#state !== 'offered') return
    this.#state = 'refused'
    this.#dismiss(code)
  }

  /** Whoever wanted it has said so by now. */
  settle(): void {
    this.refuse(BULK_UNWANTED)
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#state !== 'accepted') return
    try {
      this.#decoder?.push(chunk)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#connection.pause()
    setImmediate(() => this.#connection.resume())
  }

  onEnd(): void {
    if (this.#state !== 'accepted') return
    try {
      this.#decoder?.finish()
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#state = 'over'
    this.#say(bulkReceiptLine(this.#groups))
  }

  onClosed(): void {
    this.#state = 'over'
    this.#decoder = undefined
    this.#sink?.end()
    this.#sink = undefined
  }

  #take(group: unknown): void {
    if (this.#state !== 'accepted') return
    this.#groups++
    if (this.#sink?.take(group) === true || this.#state !== 'accepted') return
    this.#state = 'over'
    this.#dismiss(BULK_STOPPED)
  }

  /** The reason goes out, whatever comes in is not looked at, and the connection is dropped soon. */
  #dismiss(code: string): void {
    this.#say(bulkRefusalLine(code))
    this.#connection.mute()
    this.#connection.end()
  }

  #fail(error: unknown): void {
    this.#state = 'over'
    const { peer } = this.#connection
    const cause = error instanceof Error ? error : new Error(String(error))
    const facts = { peer, direction: 'inbound', cause } as const
    this.#connection.fail('code' in cause ? cause : new TransportError('GOSSIP_CONNECTION_LOST', cause.message, facts))
  }

  #say(line: string): void {
    this.#connection.send(line, Buffer.byteLength(line))
  }
}
