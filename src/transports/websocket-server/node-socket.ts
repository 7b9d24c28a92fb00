/** WebSockets on Node, dialled and accepted. */

import { WebSocket } from 'ws'
import type { Encoded } from '../codec/index.ts'
import type { Socket, SocketOpener, SocketOwner } from '../websocket/index.ts'

/** The bytes of a raw socket, as far as they are looked at. */
interface ByteSource {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
}

/** The shortest header of a frame. */
const FRAME_HEADER_BYTES = 2

/** Takes over a WebSocket that was accepted. */
export function acceptedSocket(socket: WebSocket, source: ByteSource): SocketOpener {
  return (owner) => {
    const wrapped = new NodeSocket(socket, owner, { maskBytes: 4, refusal: () => undefined })
    wrapped.watch(source)
    return wrapped
  }
}

/** One WebSocket on Node. */
export class NodeSocket implements Socket {
  readonly #socket: WebSocket
  readonly #owner: SocketOwner
  #pendingBytes = 0
  #controlBytes = 0
  #hasRead = false

  /** @param facts - the bytes that a mask takes in each frame that arrives; why the server refused, where it said so */
  constructor(
    socket: WebSocket,
    owner: SocketOwner,
    facts: { readonly maskBytes: number; readonly refusal: () => Error | undefined },
  ) {
    this.#socket = socket
    this.#owner = owner
    let error: Error | undefined
    socket.on('message', (data, isBinary) => {
      this.#hasRead = true
      owner.onMessage(isBinary ? (data as Buffer) : (data as Buffer).toString('utf8'))
    })
    const onControl = (data: Uint8Array): void => {
      this.#controlBytes += FRAME_HEADER_BYTES + facts.maskBytes + data.length
      owner.onAlive()
    }
    socket.on('ping', onControl)
    socket.on('pong', onControl)
    socket.on('error', (cause: Error & { code?: unknown }) => {
      error = cause
      const isFault = typeof cause.code === 'string' && cause.code.startsWith('WS_ERR_')
      if (isFault) owner.onFault(isTooLong(cause.code) ? 'length' : 'form', cause)
    })
    socket.on('close', (code, reason) =>
      owner.onClosed({ code, reason: reason.toString('utf8'), error: facts.refusal() ?? error }),
    )
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  send(message: Encoded): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message, () => this.#owner.onSent())
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  destroy(): void {
    this.#socket.terminate()
  }

  /** Counts what arrives and is no whole message yet, to within a chunk: the messages themselves are told only whole. */
  watch(source: ByteSource): void {
    source.on('data', (chunk) => {
      // Signs of life may come between the parts of a message, and belong to none.
      const pendingBytes = this.#pendingBytes + chunk.length - this.#controlBytes
      this.#pendingBytes = this.#hasRead ? 0 : Math.max(0, pendingBytes)
      this.#controlBytes = 0
      this.#hasRead = false
      this.#owner.onPending(this.#pendingBytes)
    })
  }
}

function isTooLong(code: unknown): boolean {
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' || code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS'
}
