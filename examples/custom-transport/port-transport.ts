/** A transport for nodes in worker threads: each has one port, whose other end is at a switchboard. */

import { once } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import type { JsonValue, PeerRef, SenderRef, Transport } from 'gossipmonger-engine'
import { FrameTooLargeError, jsonBytes, TransportError } from 'gossipmonger-engine'
import { TransportEmitter } from 'gossipmonger-engine/transports'
import type { FromSwitchboard, ToSwitchboard } from './switchboard.ts'

/** Characters that may wait for one peer. Without a bound, a thread that hangs would fill the memory of all others. */
const WAITING_MAX = 4_194_304

/** Errors: `PORT_ADDRESS_MALFORMED`, `PORT_ADDRESS_IN_USE`, `PORT_PEER_UNKNOWN`, `PORT_QUEUE_FULL`, `GOSSIP_FRAME_TOO_LARGE`. */
export class PortTransport extends TransportEmitter implements Transport {
  /** Undefined until it listens: a node asks for this to know whether it has to call `listen`. */
  address: string | undefined
  readonly maxMessageBytes = 1_048_576
  readonly #port: MessagePort
  readonly #wanted: string
  readonly #waiting = new Map<string, number>()
  readonly #gone: Promise<unknown>
  #isClosed = false
  #onJoined: (isFree: boolean) => void = () => {}

  constructor(port: MessagePort, address: string) {
    super()
    this.#port = port
    this.#wanted = address
    this.#gone = once(port, 'close')
    port.on('message', (message: FromSwitchboard) => this.#receive(message))
  }

  async listen(): Promise<void> {
    if (this.address !== undefined) return
    const joined = new Promise<boolean>((resolve) => (this.#onJoined = resolve))
    this.#post({ type: 'join', address: this.#wanted })
    const isFree = await Promise.race([joined, this.#gone.then(() => false)])
    if (!isFree) throw new TransportError('PORT_ADDRESS_IN_USE', `${this.#wanted} is in use`, { direction: 'inbound' })
    this.address = this.#wanted
    this.emit('listening') // Before `listen` resolves.
  }

  /** The switchboard closes the channel when it has let the address go; may be called again. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#post({ type: 'leave' })
    await this.#gone
  }

  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#send('digest', remotePeer, localPeer, digestToSend)
  }

  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#send('deltas', remotePeer, localPeer, deltasToSend)
  }

  /** Never throws, and never delivers before it returns. The text is made at once: the payload may change afterwards. */
  #send(kind: 'digest' | 'deltas', peer: PeerRef, { id, transport }: SenderRef, payload: JsonValue): void {
    const to = peer.transport
    const bytes = jsonBytes(payload)
    if (this.#isClosed) return // A node that is closing may still have something to say.
    if (typeof to !== 'string' || to === '') this.#tellTrouble('PORT_ADDRESS_MALFORMED', 'an address is a text', peer)
    else if (bytes > this.maxMessageBytes) {
      this.emit('error', new FrameTooLargeError(bytes, this.maxMessageBytes, { peer, direction: 'outbound' }))
    } else {
      const text = JSON.stringify([{ id, transport }, payload])
      const waiting = (this.#waiting.get(to) ?? 0) + text.length
      if (waiting > WAITING_MAX) return this.#tellTrouble('PORT_QUEUE_FULL', `${to} takes nothing`, peer)
      this.#waiting.set(to, waiting)
      this.#post({ type: 'message', to, kind, text })
    }
  }

  #receive(message: FromSwitchboard): void {
    if (message.type === 'joined') this.#onJoined(message.isFree)
    else if (message.type === 'taken') {
      this.#waiting.set(message.by, Math.max(0, (this.#waiting.get(message.by) ?? 0) - message.size))
    } else if (message.type === 'gone') this.#waiting.delete(message.address)
    else if (message.type === 'undeliverable') {
      this.#waiting.delete(message.to)
      if (!this.#isClosed) this.#tellTrouble('PORT_PEER_UNKNOWN', 'nobody is there', { transport: message.to })
    } else {
      this.#post({ type: 'taken', from: message.from, size: message.text.length })
      const [sender, payload] = JSON.parse(message.text) as [SenderRef, JsonValue]
      if (!this.#isClosed) this.emit(message.kind, sender, payload)
    }
  }

  #tellTrouble(code: string, problem: string, peer: PeerRef): void {
    this.emit('error', new TransportError(code, problem, { peer, direction: 'outbound' }))
  }

  #post(message: ToSwitchboard): void {
    this.#port.postMessage(message)
  }
}
