/** How messages leave: encoded at once, measured against the limit of frames, and handed to the link of their address. */

import { FrameTooLargeError, type JsonValue, type PeerRef, type SenderRef, TransportError } from '../core/index.ts'
import { ENVELOPE_BYTES_MAX, encodeMessage, type MessageKind, pageKey, rpcLine } from '../transports/index.ts'
import { findAddress } from './address.ts'
import type { Buffers } from './buffers.ts'
import type { Link } from './link.ts'
import type { Pool } from './pool.ts'

/** What sending asks of its transport. */
export interface SendingPorts {
  readonly pool: Pool
  readonly buffers: Buffers
  isClosed(): boolean
  tellError(error: Error): void
}

/** The outbound messages of one transport. */
export class Sending {
  /** What this node last called its own address; the answer to a hello says it too. */
  localTransport: JsonValue | undefined
  readonly #frameBytesMax: number
  readonly #ports: SendingPorts

  /** @param ports - see {@link SendingPorts} */
  constructor({ frameBytesMax }: { readonly frameBytesMax: number }, ports: SendingPorts) {
    this.#frameBytesMax = frameBytesMax
    this.#ports = ports
  }

  /** Largest payload, in bytes of its JSON text. */
  get maxMessageBytes(): number {
    return this.#frameBytesMax - ENVELOPE_BYTES_MAX
  }

  /**
   * Sends a message, or lets it wait. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said in JSON
   */
  send(kind: MessageKind, remotePeer: PeerRef, localPeer: SenderRef, payload: JsonValue): void {
    const open = encodeMessage(kind, payload, localPeer)
    this.localTransport = localPeer.transport
    const link = this.#linkTo(remotePeer)
    const bytes = Buffer.byteLength(open)
    if (link === undefined) return
    // The payload is measured only if it and its envelope together are over the payload's limit.
    const bytesMax = this.maxMessageBytes
    if (bytes > bytesMax && this.#isTooLarge(remotePeer, Buffer.byteLength(JSON.stringify(payload)), bytesMax)) return
    const { id } = remotePeer
    if (link.trySend(id, open, bytes)) return
    const message = { key: pageKey(kind, payload, localPeer.id), id, text: open, bytes }
    if (link.enqueue(message)) return
    const { pool, buffers } = this.#ports
    if (!pool.makeRoomFor(link, bytes) || !link.enqueue(message)) buffers.noteDrop()
  }

  /**
   * Sends a payload on a connection of its own.
   *
   * @throws {InvalidValueError} the payload cannot be said in JSON
   */
  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    const text = rpcLine(payload)
    const link = this.#linkTo(remotePeer)
    const bytes = Buffer.byteLength(text)
    if (link === undefined || this.#isTooLarge(remotePeer, bytes, this.#frameBytesMax)) return
    if (!link.enqueueRpc(text, bytes)) this.#ports.buffers.noteDrop()
  }

  #linkTo(remotePeer: PeerRef): Link | undefined {
    if (this.#ports.isClosed()) return undefined
    const address = findAddress((remotePeer as PeerRef | undefined | null)?.transport)
    if (address !== undefined) return this.#ports.pool.link(address)
    const facts = { peer: remotePeer, direction: 'outbound' } as const
    const problem = 'malformed remotePeer: no host and port'
    this.#ports.tellError(new TransportError('GOSSIP_ADDRESS_MALFORMED', problem, facts))
    return undefined
  }

  #isTooLarge(peer: PeerRef, bytes: number, bytesMax: number): boolean {
    if (bytes <= bytesMax) return false
    this.#ports.tellError(new FrameTooLargeError(bytes, bytesMax, { peer, direction: 'outbound' }))
    return true
  }
}
