/** The platform's own WebSocket: in browsers and workers, and wherever else there is a global one. */

import { runtimeSystem } from '../../core/index.ts'
import type { Encoded } from '../codec/index.ts'
import {
  PING_TEXT,
  type Platform,
  type Socket,
  type SocketEnding,
  type SocketOpener,
  type SocketOwner,
} from './socket.ts'

/** The part of the standard interface that is used. */
interface StandardWebSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly readyState: number
  readonly protocol: string
  onopen: (() => void) | null
  onerror: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  send(message: Encoded): void
  close(code?: number, reason?: string): void
}

type StandardConstructor = new (url: string, subprotocols: string[]) => StandardWebSocket

const OPEN = 1
/** How often to look whether something has left, while something waits; the standard has no event for that, ms. */
const LOOK_MS = 20

/** Dials with the platform's WebSocket. */
export const browserPlatform: Platform = Object.freeze({
  dial:
    (url: string, subprotocol: string): SocketOpener =>
    (owner) =>
      new BrowserSocket(url, subprotocol, owner),
})

/** Wraps a standard WebSocket. */
class BrowserSocket implements Socket {
  readonly #owner: SocketOwner
  readonly #socket: StandardWebSocket | undefined
  #isClosed = false
  #cancelLook: (() => void) | undefined

  constructor(url: string, subprotocol: string, owner: SocketOwner) {
    this.#owner = owner
    this.#socket = this.#open(url, subprotocol)
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  send(message: Encoded): void {
    if (this.#socket?.readyState !== OPEN) return
    this.#socket.send(message)
    this.#look()
  }

  ping(): void {
    this.send(PING_TEXT)
  }

  /** The standard has no way to let the other side wait. */
  pause(): void {}

  resume(): void {}

  close(code: number, reason: string): void {
    // A page may only say that all is well, or a code of its own: the private range repeats the standard one.
    this.#socket?.close(code === 1_000 ? code : code + 3_000, reason)
  }

  destroy(): void {
    if (this.#isClosed) return
    // The standard has no way to drop a connection: it is closed, and its end is not waited for.
    this.#socket?.close()
    queueMicrotask(() => this.#end({ code: 1_006, reason: '' }))
  }

  #open(url: string, subprotocol: string): StandardWebSocket | undefined {
    const { WebSocket } = globalThis as { WebSocket?: StandardConstructor }
    try {
      if (WebSocket === undefined) throw new Error('this runtime has no WebSocket')
      const socket = new WebSocket(url, [subprotocol])
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => this.#owner.onOpen()
      socket.onerror = () => {} // Its end follows, and says all that a page may know.
      socket.onmessage = ({ data }) => this.#onMessage(data)
      socket.onclose = ({ code, reason }) => this.#end({ code, reason })
      return socket
    } catch (cause) {
      // A secure page may not dial an insecure url, for example.
      const error = cause instanceof Error ? cause : new Error(String(cause))
      queueMicrotask(() => this.#end({ code: 1_006, reason: '', error }))
      return undefined
    }
  }

  #onMessage(data: unknown): void {
    if (this.#isClosed) return
    this.#owner.onMessage(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer))
  }

  #look(): void {
    if (this.bufferedBytes === 0) return
    this.#cancelLook ??= runtimeSystem.startTimer(() => {
      this.#cancelLook = undefined
      if (this.#isClosed) return
      this.#owner.onSent()
      this.#look()
    }, LOOK_MS)
  }

  #end(ending: SocketEnding): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelLook?.()
    this.#owner.onClosed(ending)
  }
}
