/**
 * Gossip over UDP: one message a packet, nothing larger than a packet ever sent. This file is the public face;
 * `dial.ts` and `door.ts` have the handshake, `connection.ts` what comes after it, `station.ts` what joins them.
 */

import {
  FrameTooLargeError,
  type Hello,
  InvalidOptionError,
  type JsonValue,
  LifecycleError,
  type PeerRef,
  type SenderRef,
  type Transport,
  TransportError,
} from '../../core/index.ts'
import { TransportEmitter } from '../transport-emitter.ts'
import { encodeHello, helloRefusal, pageKey } from '../wire/index.ts'
import { parseUdpAddress, type UdpAddress, udpAddressOf } from './address.ts'
import { type Connection, type MessageKind, overheadBytes } from './connection.ts'
import { type Introduction, Introductions, type ReadIntroduction } from './introduction.ts'
import { KeyRing, type UdpKey } from './key-ring.ts'
import { listenAt } from './listener.ts'
import {
  type ResolvedUdpOptions,
  resolveUdpListenOptions,
  resolveUdpOptions,
  type UdpListenOptions,
  type UdpOptions,
} from './options.ts'
import { parsePayload, payloadBytes } from './payload.ts'
import { Station, type UdpStats } from './station.ts'

/**
 * The UDP transport. Messages may be lost or come out of order, and never come twice. Codes of its errors:
 * `GOSSIP_CONNECT_FAILED`, `GOSSIP_CONNECTION_LOST`, `GOSSIP_ADDRESS_MALFORMED`, `GOSSIP_FRAME_TOO_LARGE`,
 * `GOSSIP_MESSAGE_MALFORMED`, `GOSSIP_KEY_UNKNOWN`, `GOSSIP_ENCRYPTION_DIFFERS`, `GOSSIP_PLAIN_TEXT_REFUSED`,
 * `GOSSIP_CLUSTER_FOREIGN`, `GOSSIP_PROTOCOL_UNSUPPORTED`, `GOSSIP_SEND_FAILED`, `GOSSIP_QUEUE_FULL`,
 * `GOSSIP_LISTENER_THREW`; of `listen`: `GOSSIP_ADDRESS_IN_USE`, `GOSSIP_LISTEN_FAILED`. None of them ends it.
 */
export class UdpTransport extends TransportEmitter implements Transport {
  readonly #options: ResolvedUdpOptions
  readonly #ring: KeyRing | undefined
  readonly #station: Station
  readonly #introductions = new Introductions()
  #address: UdpAddress | undefined
  #listening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #hello: Hello | undefined
  #helloText = ''
  /** As whom this transport spoke last. */
  #spoken: SenderRef | undefined
  #datagrams = 0

  /**
   * @param options - the advertised address, `{host: 'localhost', port: 9742}` unless given, keys and limits
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range
   */
  constructor(options?: UdpOptions) {
    super()
    this.#options = resolveUdpOptions(options)
    const { keys, plainText } = this.#options
    this.#ring = keys === undefined ? undefined : new KeyRing(keys)
    this.#station = new Station(this.#options, this.#ring, this.#ring === undefined && !plainText, {
      onMessage: (kind, sender, payload) => this.#onMessage(kind, sender, payload),
      onIntroduced: (connection, introduction) => this.#onIntroduced(connection, introduction),
      tellError: (error) => this.#tellError(error),
    })
  }

  /** Where peers reach this transport, once it listens: the advertised host, and the advertised or bound port. */
  get address(): JsonValue | undefined {
    return this.#address === undefined ? undefined : udpAddressOf(this.#address)
  }

  /** Largest payload of a digest or deltas, in bytes of its JSON text. */
  get maxMessageBytes(): number {
    return this.#options.packetBytesMax - overheadBytes(this.#ring !== undefined)
  }

  /** Largest payload of `datagram`, bytes. */
  get maxDatagramBytes(): number {
    return this.maxMessageBytes
  }

  /** What it holds at this moment, and what it has counted since the beginning. O(peers). */
  get stats(): UdpStats {
    return this.#station.stats
  }

  /**
   * Starts to accept packets. Called again without options while it does, it gives the same promise.
   *
   * @param options - the inside address, where it differs from the advertised one
   * @returns settles when `address` is final
   * @throws {InvalidOptionError} an option is wrong; as a rejection, packets would be plain beyond this machine, and
   *   nobody has said that they may be
   * @throws {LifecycleError} as a rejection: it was closed
   * @throws {TransportError} as a rejection: `GOSSIP_ADDRESS_IN_USE`, `GOSSIP_LISTEN_FAILED`; it may be tried again
   */
  listen(options?: UdpListenOptions): Promise<void> {
    const inside = resolveUdpListenOptions(options, this.#options)
    if (this.#closing !== undefined) return Promise.reject(closedError())
    if (this.#listening !== undefined && options !== undefined) return Promise.reject(alreadyListening())
    this.#listening ??= this.#open(inside)
    return this.#listening
  }

  /** Stops accepting and drops what waits. Nothing is told afterwards. May be called at any time, and again. */
  close(): Promise<void> {
    this.#closing ??= this.#station.close()
    return this.#closing
  }

  /**
   * What to say of this node, and what to compare with. Peers that were told another hello are told again.
   *
   * @throws {InvalidOptionError} a hello that no peer could read
   */
  introduce(hello: Hello): void {
    const text = encodeHello(hello)
    if (text === this.#helloText) return
    const former = this.#hello
    this.#hello = { ...hello }
    this.#helloText = text
    const isOtherCluster = former?.clusterId !== hello.clusterId || former.protocolVersion !== hello.protocolVersion
    for (const connection of this.#station.connections()) {
      if (isOtherCluster) connection.forgetIntroductions()
      if (connection.introductions.latest !== undefined) this.#introduceTo(connection)
    }
  }

  /**
   * Takes other keys: the first seals what is sent from now on, connections with keys that are gone end.
   *
   * @throws {InvalidOptionError} no keys, or the transport was made without; nothing was changed
   */
  setKeys(keys: readonly UdpKey[]): void {
    this.#requireRing().set(keys)
    this.#station.onKeysChanged()
  }

  /**
   * Puts a key that everybody has by now first.
   *
   * @param id - of a key of the ring
   * @throws {InvalidOptionError} there is none with this id, or the transport was made without keys
   */
  useKey(id: string): void {
    this.#requireRing().use(id)
    this.#station.onKeysChanged()
  }

  /**
   * Sends a digest. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said in JSON
   */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#gossip('digest', remotePeer, localPeer, digestToSend)
  }

  /**
   * Sends deltas. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said in JSON
   */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#gossip('deltas', remotePeer, localPeer, deltasToSend)
  }

  /** Sends bytes as the node that was introduced, or else as whoever spoke last. Trouble is told as `error`. */
  datagram(remotePeer: PeerRef, payload: Uint8Array): void {
    const introduction = this.#ownIntroduction()
    if (introduction === undefined) {
      this.#tellError(
        new LifecycleError('GOSSIP_NODE_NOT_STARTED', 'a datagram needs a sender: call introduce() first'),
      )
      return
    }
    // No datagram is newer than another: each waits under a name of its own.
    this.#send('datagram', remotePeer, introduction, Uint8Array.from(payload), `datagram ${this.#datagrams++}`)
  }

  /** Whether the peer has a UDP address. */
  canReach(remotePeer: PeerRef): boolean {
    return parseUdpAddress(remotePeer.transport) !== undefined
  }

  #gossip(kind: 'digest' | 'deltas', remotePeer: PeerRef, localPeer: SenderRef, payload: JsonValue): void {
    const bytes = payloadBytes(payload)
    const introduction = this.#introductionOf(localPeer)
    this.#spoken = introduction.sender
    this.#send(kind, remotePeer, introduction, bytes, pageKey(kind, payload, localPeer.id))
  }

  #send(kind: MessageKind, remotePeer: PeerRef, introduction: Introduction, payload: Uint8Array, page: string): void {
    if (this.#closing !== undefined) return
    const address = parseUdpAddress((remotePeer as PeerRef | undefined | null)?.transport)
    const bytes = payload.length
    if (address === undefined) {
      const facts = { peer: remotePeer, direction: 'outbound' } as const
      this.emit('error', new TransportError('GOSSIP_ADDRESS_MALFORMED', 'malformed remotePeer: no udp:// url', facts))
    } else if (bytes > this.maxMessageBytes) {
      const facts = { peer: remotePeer, direction: 'outbound' } as const
      this.emit('error', new FrameTooLargeError(bytes, this.maxMessageBytes, facts))
    } else {
      const key = `${introduction.number} ${page}`
      this.#station.send(address, { kind, introduction, payload, key, bytes }, remotePeer)
    }
  }

  #introductionOf(sender: SenderRef): Introduction {
    const hello = this.#hello === undefined ? undefined : { id: this.#hello.id, text: this.#helloText }
    return this.#introductions.of(sender, hello)
  }

  /** Who this transport is when nobody says as whom to speak. */
  #ownIntroduction(): Introduction | undefined {
    const id = this.#hello?.id ?? this.#spoken?.id
    if (id === undefined) return undefined
    const transport = this.#spoken?.id === id ? this.#spoken.transport : (this.address ?? null)
    return this.#introductionOf({ id, transport })
  }

  #onMessage(kind: MessageKind, sender: SenderRef, payload: Buffer): void {
    if (this.#closing !== undefined) return
    if (kind === 'datagram') this.emit('datagram', sender, Uint8Array.from(payload))
    else this.emit(kind, sender, parsePayload(payload, sender))
  }

  #onIntroduced(connection: Connection, { sender, hello }: ReadIntroduction): boolean {
    if (this.#closing !== undefined) return false
    if (hello === undefined) return true
    // Whoever says hello is told who is here, also where one of the two refuses: then both know why.
    this.#introduceTo(connection)
    const refusal = this.#hello === undefined ? undefined : helloRefusal(this.#hello, hello, sender)
    if (refusal === undefined) this.emit('hello', sender, hello)
    else this.#station.troubles.add(refusal.code, () => refusal)
    return refusal === undefined
  }

  #introduceTo(connection: Connection): void {
    const introduction = this.#hello === undefined ? undefined : this.#ownIntroduction()
    if (introduction === undefined || connection.introductions.stateOf(introduction) !== 'absent') return
    connection.introductions.say(introduction, performance.now())
    this.#station.expectAnswer()
  }

  #open(inside: { readonly host: string; readonly port: number }): Promise<void> {
    return this.#bind(inside).catch((error: unknown) => {
      this.#listening = undefined
      throw error
    })
  }

  async #bind(inside: { readonly host: string; readonly port: number }): Promise<void> {
    const isPlain = this.#ring === undefined && !this.#options.plainText
    const bound = await listenAt(inside, isPlain, (ip, port) => this.#station.listen(ip, port))
    if (this.#closing !== undefined) throw closedError()
    const { host, port, isPortAdvertised } = this.#options
    this.#address = { host, port: isPortAdvertised ? port : bound.port }
    this.emit('listening')
  }

  #requireRing(): KeyRing {
    if (this.#ring !== undefined) return this.#ring
    throw new InvalidOptionError('keys', 'given to the constructor if they are to change later', undefined)
  }

  /** Whoever closed it expects to hear no more. */
  #tellError(error: Error): void {
    if (this.#closing === undefined) this.emit('error', error)
  }
}

function closedError(): LifecycleError {
  return new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed')
}

function alreadyListening(): TransportError {
  return new TransportError('GOSSIP_ALREADY_LISTENING', 'the transport already listens', { direction: 'inbound' })
}
