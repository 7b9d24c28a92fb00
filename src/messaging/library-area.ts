/**
 * Names for what is built on a messenger: requests and sends that cannot be taken for the embedder's, whatever names
 * those have, since they travel in a space of their own.
 */

import type { Session } from '../core/index.ts'
import type { Caller, RequestOptions, SendOptions } from './caller.ts'
import { assertName, type Handler, type HandlerTable } from './handler.ts'
import { decodePayload, encodePayload, type Payload } from './payload.ts'

/** Requests and sends among the same module of all nodes. */
export interface LibraryArea {
  /** Handles a name of this area; see `Messenger.handle`. */
  handle(name: string, handler: Handler): () => void
  /** Asks; see `Messenger.request`. */
  request(
    peers: string | readonly string[],
    name: string,
    payload?: unknown,
    options?: RequestOptions,
  ): Promise<Payload>
  /** Tells; see `Messenger.send`. */
  send(peerId: string, name: string, payload?: unknown, options?: SendOptions): Promise<void>
  /** Opens a session with a peer unless there is one. What it rejects with, nothing was said to the peer. */
  reach(peerId: string, options?: SendOptions): Promise<void>
  /** A payload as bytes, to be sent inside another one. @throws {InvalidValueError} neither JSON nor bytes */
  encode(payload: unknown): Uint8Array
  /** Reads what `encode` has written, boxed; undefined when it is no payload. The bytes are the caller's to give away. */
  decode(bytes: Uint8Array): { readonly payload: Payload } | undefined
  /** Asks on a session of this messenger and on no other. */
  requestOn(session: Session, name: string, payload?: unknown, options?: SendOptions): Promise<Payload>
  /** Tells on a session of this messenger and on no other. */
  sendOn(session: Session, name: string, payload?: unknown): Promise<void>
}

/** The area of one module. */
export function libraryAreaOf(area: string, own: HandlerTable, caller: Caller): LibraryArea {
  assertName('area', area)
  const targetOf = (name: string): { readonly space: 'library'; readonly name: string } => {
    assertName('name', name)
    return { space: 'library', name: `${area}/${name}` }
  }
  return {
    handle: (name, handler) => own.add(targetOf(name).name, handler),
    request: async (peers, name, payload, options) => caller.request(peers, targetOf(name), payload, options),
    send: async (peerId, name, payload, options) => caller.send(peerId, targetOf(name), payload, options),
    reach: (peerId, options) => caller.reach(peerId, options),
    encode: encodePayload,
    decode: decodePayload,
    requestOn: async (session, name, payload, options) => caller.requestOn(session, targetOf(name), payload, options),
    sendOn: async (session, name, payload) => caller.sendOn(session, targetOf(name), payload),
  }
}
