/**
 * Reads what arrives on any connection: checks a hello before anything that came with it is believed, answers it where
 * the other side dialled, and tells messages. Whatever cannot be read, or is refused, costs its sender the connection.
 */

import type { GossipError, Hello, SenderRef, TransportEvents } from '../core/index.ts'
import {
  type BulkOffering,
  type Envelope,
  helloAnswerLine,
  helloRefusal,
  isBulkOffer,
  offencePoints,
  parseBulkOffer,
  parseEnvelope,
} from '../transports/index.ts'
import { BulkReceiving } from './bulk-receiving.ts'
import type { Connection } from './connection.ts'

/** Where a receiver's findings go. */
export interface ReceiverPorts {
  /** What this node says of itself; undefined while it was not introduced and so cannot answer. */
  introduction(): { readonly hello: Hello; readonly text: string; readonly sender: SenderRef } | undefined
  tell<E extends 'digest' | 'deltas' | 'rpc' | 'hello' | 'bulk'>(
    event: E,
    ...facts: Parameters<TransportEvents[E]>
  ): void
  tellError(error: Error): void
  /** A hello was accepted, whatever the connection is for. */
  onIntroduced(connection: Connection): void
  /** A hello was accepted for messages, and answered where it had to be: the connection may have become ready. */
  onHello(connection: Connection): void
  /** A hello was refused for a reason; what was meant for this peer is better forgotten. */
  onRefused(connection: Connection, refusal: GossipError): void
  /** A connection has said something that could be read. */
  onSpoken(connection: Connection): void
  /** What a connection brought broke a rule, which is told elsewhere. */
  onBlamed(connection: Connection, error: Error): void
  /** Bytes came in a sender's name, before anything of them is told. */
  onNamed(sender: SenderRef, bytes: number): void
}

/** Reads lines, on behalf of all connections of a transport. */
export class Receiver {
  readonly #ports: ReceiverPorts
  /** Whose message is being told. */
  #delivering: Connection | undefined
  readonly #lastSenders = new WeakMap<Connection, SenderRef>()

  /** @param ports - where its findings go */
  constructor(ports: ReceiverPorts) {
    this.#ports = ports
  }

  /** Reads one line that arrived on a connection. */
  receive(connection: Connection, value: unknown): void {
    if (connection.purpose === 'inbound' && isBulkOffer(value)) {
      this.#receiveOffer(connection, value)
      return
    }
    const envelope = this.#parse(connection, value)
    if (envelope === undefined) return
    const isIntroduction = 'hello' in envelope && envelope.hello !== undefined
    if (connection.isOnProbation && !connection.isIntroduced && !isIntroduction) {
      connection.destroy()
      return
    }
    this.#noteSpoken(connection)
    if (envelope.kind !== 'rpc') this.#credit(connection, envelope.sender)
    if (isIntroduction) {
      if (!this.#acceptHello(connection, envelope.sender, envelope.hello, 'messages')) return
      // A listener of the hello may have closed the transport.
      if (connection.mutedMs !== undefined) return
    }
    this.#delivering = connection
    this.#deliver(connection, envelope)
    this.#delivering = undefined
  }

  /** The message that is being told broke a rule that only its reader knows; the reader tells of it. */
  blame(error: Error): void {
    const connection = this.#delivering
    if (connection === undefined || offencePoints(error) === 0) return
    connection.destroy()
    this.#ports.onBlamed(connection, error)
  }

  /** Says who this node is, if it was introduced. */
  sendHello(connection: Connection): void {
    const own = this.#ports.introduction()
    if (own === undefined) return
    const line = helloAnswerLine(own.sender, own.text)
    connection.saidHello = true
    connection.send(line, Buffer.byteLength(line))
  }

  /** What arrived since the last message came in this one's name. */
  #credit(connection: Connection, sender: SenderRef): void {
    this.#ports.onNamed(sender, connection.bytesRead - connection.creditedBytes)
    connection.creditedBytes = connection.bytesRead
  }

  #noteSpoken(connection: Connection): void {
    connection.hasSpoken = true
    this.#ports.onSpoken(connection)
  }

  #parse(connection: Connection, value: unknown): Envelope | undefined {
    const known = this.#lastSenders.get(connection)
    try {
      const envelope = parseEnvelope(value, known)
      if (envelope.sender !== undefined && envelope.sender !== known) this.#lastSenders.set(connection, envelope.sender)
      return envelope
    } catch (error) {
      connection.fail(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }

  /** Somebody wants to send in bulk. Where nobody takes an interest he is told so, and no byte of it is read. */
  #receiveOffer(connection: Connection, value: Record<string, unknown>): void {
    let offering: BulkOffering
    try {
      offering = parseBulkOffer(value)
    } catch (error) {
      connection.fail(error instanceof Error ? error : new Error(String(error)))
      return
    }
    this.#noteSpoken(connection)
    if (!this.#acceptHello(connection, offering.sender, offering.hello, 'bulk')) return
    if (connection.mutedMs !== undefined) return
    const offer = new BulkReceiving(connection, offering)
    this.#ports.tell('bulk', offering.sender, offer)
    offer.settle()
  }

  #acceptHello(connection: Connection, sender: SenderRef, hello: Hello, use: 'messages' | 'bulk'): boolean {
    const own = this.#ports.introduction()
    const refusal = own === undefined ? undefined : helloRefusal(own.hello, hello, sender)
    // A refused peer gets it too, so that its own side can say what is wrong.
    if (connection.purpose === 'inbound' && !connection.saidHello) this.sendHello(connection)
    if (refusal !== undefined) {
      this.#refuse(connection, refusal)
      return false
    }
    connection.remote = sender
    this.#ports.onIntroduced(connection)
    if (use === 'messages') {
      connection.hello = hello
      this.#ports.onHello(connection)
    }
    this.#ports.tell('hello', sender, hello)
    return true
  }

  #refuse(connection: Connection, refusal: GossipError): void {
    connection.mute()
    connection.end()
    this.#ports.tellError(refusal)
    this.#ports.onRefused(connection, refusal)
  }

  #deliver(connection: Connection, envelope: Envelope): void {
    switch (envelope.kind) {
      case 'digest':
      case 'deltas':
        this.#ports.tell(envelope.kind, envelope.sender, envelope.payload)
        return
      case 'rpc':
        this.#ports.tell('rpc', envelope.sender ?? connection.remote, envelope.payload)
        return
      case 'hello':
    }
  }
}
