/**
 * Reads what arrives on any connection: checks a hello before anything else of that peer is believed, and tells messages.
 * Whatever cannot be read, or is refused, costs its sender the connection.
 */

import {
  GossipError,
  type Hello,
  MalformedMessageError,
  RefusedMessageError,
  type SenderRef,
  type TransportEvents,
} from '../../core/index.ts'
import type { Codec, Encoded } from '../codec/index.ts'
import { type Envelope, helloRefusal } from '../wire/index.ts'
import type { Connection } from './connection.ts'

/** Where a receiver's findings go. */
export interface ReceiverPorts {
  /** What this node says of itself; undefined while it was not introduced. */
  introduction(): { readonly hello: Hello; readonly sender: SenderRef } | undefined
  tell<E extends 'digest' | 'deltas' | 'rpc' | 'hello'>(event: E, ...facts: Parameters<TransportEvents[E]>): void
  /** The other side of a connection was named. */
  onNamed(connection: Connection): void
  /** A hello was accepted: messages may go both ways. */
  onReady(connection: Connection): void
}

/** Reads messages, on behalf of all connections of a transport. */
export class Receiver {
  readonly #codec: Codec
  readonly #ports: ReceiverPorts

  constructor(codec: Codec, ports: ReceiverPorts) {
    this.#codec = codec
    this.#ports = ports
  }

  /** Reads one message that arrived on a connection. */
  receive(connection: Connection, message: Encoded): void {
    const envelope = this.#decode(connection, message)
    if (envelope === undefined) return
    connection.hasSpoken = true
    if ('hello' in envelope && envelope.hello !== undefined) {
      if (!this.#acceptHello(connection, envelope.sender, envelope.hello)) return
      // A listener of the hello may have closed the transport.
      if (connection.isMuted) return
    }
    if (envelope.kind !== 'hello') this.#deliver(connection, envelope)
  }

  /** Says who this node is, if it was introduced. */
  sendHello(connection: Connection): void {
    const own = this.#ports.introduction()
    if (own === undefined) return
    const message = this.#codec.encode({ kind: 'hello', ...own })
    connection.saidHello = true
    connection.send(message, encodedBytes(message))
  }

  /** The own hello has changed: says it again, and asks whether who passed the former comparison passes this one. */
  introduceAgain(connection: Connection): void {
    const own = this.#ports.introduction()
    if (own === undefined || connection.state !== 'open') return
    this.sendHello(connection)
    const { hello, remote } = connection
    const refusal = hello && remote && helloRefusal(own.hello, hello, remote)
    if (refusal !== undefined) connection.fail(refusal)
  }

  #decode(connection: Connection, message: Encoded): Envelope | undefined {
    try {
      return this.#codec.decode(message)
    } catch (cause) {
      connection.fail(readable(cause, connection))
      return undefined
    }
  }

  #acceptHello(connection: Connection, sender: SenderRef, hello: Hello): boolean {
    const own = this.#ports.introduction()
    const refusal = own === undefined ? undefined : helloRefusal(own.hello, hello, sender)
    if (refusal !== undefined) {
      connection.fail(refusal)
      return false
    }
    connection.hello = hello
    connection.remote = sender
    this.#ports.onNamed(connection)
    this.#ports.onReady(connection)
    this.#ports.tell('hello', sender, hello)
    return true
  }

  #deliver(connection: Connection, envelope: Exclude<Envelope, { readonly kind: 'hello' }>): void {
    const isStranger = connection.hello === undefined
    if (isStranger && this.#ports.introduction() !== undefined) {
      const problem = 'the peer has not said who it is'
      connection.fail(new RefusedMessageError('GOSSIP_SENDER_UNKNOWN', problem, connection.peer))
      return
    }
    if (envelope.kind === 'rpc') {
      this.#ports.tell('rpc', envelope.sender ?? connection.remote, envelope.payload)
      return
    }
    if (isStranger) {
      // Where nobody says hello, the sender of the latest message is who is answered here.
      connection.remote = envelope.sender
      this.#ports.onNamed(connection)
    }
    this.#ports.tell(envelope.kind, envelope.sender, envelope.payload)
  }
}

const encoder = new TextEncoder()

/** The size of an encoded message on the wire. O(size). */
export function encodedBytes(message: Encoded): number {
  return typeof message === 'string' ? encoder.encode(message).length : message.length
}

/** A codec does not know whose message it reads; the connection does. */
function readable(cause: unknown, { peer }: Connection): Error {
  if (!(cause instanceof MalformedMessageError)) {
    if (cause instanceof GossipError) return cause
    return Object.assign(new MalformedMessageError('the codec cannot read it', peer), { cause })
  }
  return cause.peer === undefined ? Object.assign(cause, { peer }) : cause
}
