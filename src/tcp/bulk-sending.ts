/**
 * The outbound side of a transfer in bulk: offers it, waits until it is wanted, and writes the document as fast as the
 * other side takes it. Nothing is made before there is room for it.
 */

import { type BulkSource, type Hello, type SenderRef, TransportError } from '../core/index.ts'
import { BulkText, helloRefusal, parseBulkAnswer, parseEnvelope } from '../transports/index.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { connectionError } from './connection-error.ts'

/** Written in one turn of the event loop at most; then others have theirs. */
const TURN_BYTES_MAX = 256 * 1_024

/** One transfer. The connection's owner. */
export class BulkSending implements ConnectionOwner {
  readonly #source: BulkSource
  readonly #own: Hello
  readonly #tellHello: (sender: SenderRef, hello: Hello) => void
  readonly #text: BulkText
  #state: 'offered' | 'running' | 'written' | 'over' = 'offered'
  #hasMet = false
  #isWaiting = false

  /** @param own - this node's hello, to compare with */
  constructor(source: BulkSource, own: Hello, tellHello: (sender: SenderRef, hello: Hello) => void) {
    this.#source = source
    this.#own = own
    this.#tellHello = tellHello
    this.#text = new BulkText(source)
  }

  onLine(connection: Connection, value: unknown): void {
    try {
      if (this.#hasMet) this.#onAnswer(connection, value)
      else this.#onHello(connection, value)
    } catch (error) {
      connection.fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  onDrain(connection: Connection): void {
    this.#pump(connection)
  }

  onRemoteEnd(connection: Connection): void {
    if (this.#state !== 'over') connection.fail(new Error('the peer ended a transfer before all of it had arrived'))
    else connection.end()
  }

  onFailed(connection: Connection, error: Error): void {
    this.#finish(connectionError(connection, error))
  }

  onClosed(connection: Connection): void {
    this.#finish(connectionError(connection, new Error('the connection was closed')))
  }

  #onHello(connection: Connection, value: unknown): void {
    const envelope = parseEnvelope(value)
    if (envelope.kind !== 'hello') throw new Error('the peer does not answer an offer with a hello')
    const refusal = helloRefusal(this.#own, envelope.hello, envelope.sender)
    if (refusal !== undefined) {
      this.#finish(refusal)
      connection.destroy()
      return
    }
    connection.remote = envelope.sender
    this.#hasMet = true
    this.#tellHello(envelope.sender, envelope.hello)
  }

  #onAnswer(connection: Connection, value: unknown): void {
    const answer = parseBulkAnswer(value)
    if (answer.kind === 'refused') {
      const problem = `the peer does not take a transfer: ${answer.code}`
      this.#finish(new TransportError(answer.code, problem, { peer: connection.peer, direction: 'outbound' }))
      connection.destroy()
    } else if (answer.kind === 'accepted' && this.#state === 'offered') {
      this.#state = 'running'
      connection.keepPace()
      this.#pump(connection)
    } else if (answer.kind === 'received' && this.#state === 'written' && answer.groups === this.#text.groups) {
      this.#finish(undefined)
    } else throw new Error(`the peer says ${answer.kind} at the wrong time`)
  }

  #pump(connection: Connection): void {
    if (this.#state !== 'running' || this.#isWaiting) return
    for (let bytes = 0; connection.blockedSinceMs === undefined && !connection.hasEnded; ) {
      const slice = this.#text.next()
      if (slice === undefined) {
        this.#state = 'written'
        connection.end()
        return
      }
      const sliceBytes = Buffer.byteLength(slice)
      connection.send(slice, sliceBytes)
      bytes += sliceBytes
      if (bytes < TURN_BYTES_MAX) continue
      this.#isWaiting = true
      setImmediate(() => {
        this.#isWaiting = false
        this.#pump(connection)
      })
      return
    }
  }

  #finish(error: Error | undefined): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#source.end(error)
  }
}
