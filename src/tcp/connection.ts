/**
 * One socket: lines in, lines out, bytes counted, moments of progress noted. It knows nothing of hellos, dialects or
 * peers; its owner does. Lines written in one turn of the event loop leave in one write.
 */

import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Direction, type Hello, MalformedMessageError, type PeerRef, type SenderRef } from '../core/index.ts'
import { addressGroup } from '../transports/index.ts'
import type { OwnerOf } from './connection-owner.ts'
import type { ConnectionShared } from './connection-shared.ts'
import type { Diversion } from './diversion.ts'
import { LineWriter } from './line-writer.ts'
import type { PacedConnection } from './reading-pace.ts'
import { type RefusalError, refusalLine } from './refusal.ts'
import type { SecuredConnection } from './security.ts'
import { TurnReader } from './turn-reader.ts'

/**
 * What a connection was made for: any inbound one; a lasting one; a single message or rpc payload, ended at once; a
 * transfer in bulk.
 */
export type Purpose = 'inbound' | 'lane' | 'one-shot' | 'rpc' | 'bulk'

/** Who is told what happens on a connection. */
export type ConnectionOwner = OwnerOf<Connection>

/** Bytes that may wait in a socket before more is held back: enough to keep the kernel busy, little enough to lose. */
export const SOCKET_BYTES_MAX: number = 256 * 1_024
/** What opening and ending a connection takes beside its lines, bytes: the segments that carry none. */
export const DIAL_BYTES = 200
/** What must move within the deadline of a message while a transfer in bulk runs, so that nobody can make it last. */
const PACE_BYTES = 64 * 1_024

/** One TCP connection. */
export class Connection implements SecuredConnection, PacedConnection {
  readonly purpose: Purpose
  readonly openedMs: number
  /** Where an accepted socket comes from, or where a dialled one was to lead. */
  readonly socketPeer: PeerRef | undefined
  /** By what the other side's IP address is counted; undefined until the socket is open. */
  group: string | undefined
  /** The other side, once its hello was accepted. */
  remote: SenderRef | undefined
  /** What the other side has proven to hold the key of; undefined in plain text. */
  peerCertificate: X509Certificate | undefined
  /** The other side's hello, once accepted. */
  hello: Hello | undefined
  /** Whether our hello was written. */
  saidHello = false
  /** Whether something that could be read arrived. */
  hasSpoken = false
  /** Whether it comes from where others misbehaved, so that nothing is read before its hello. */
  isOnProbation = false
  /** Bytes that arrived. */
  bytesRead = 0
  /** How many of them were put down to the sender of a message; the dialling comes before the first. */
  creditedBytes = 0
  /** Bytes until the deadline is put off; undefined unless a transfer in bulk runs. */
  paceBytesLeft: number | undefined
  /** When something last arrived, or, while no hello did, last left. */
  lastProgressMs: number
  /** When the line that is still arriving began. */
  frameStartedMs: number | undefined
  /** Since when all that arrives is ignored. */
  mutedMs: number | undefined
  /** Since when nothing is read of it. */
  pausedSinceMs: number | undefined
  /** Whether the socket is somebody else's, who keeps its deadlines; it counts among the connections until it is gone. */
  isHandedOver = false

  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #shared: ConnectionShared
  readonly #writer: LineWriter
  #reader: TurnReader | undefined
  #diversion: Diversion | undefined
  #state: 'open' | 'ended' | 'destroyed' = 'open'
  #hasRemoteEnded = false
  #isClosed = false
  #wasOpened = false
  #isHeld = false
  #hasFailed = false

  /**
   * @param socket - connected or connecting, with `allowHalfOpen`
   * @param facts - what it is for, and the other side as far as it is known
   */
  constructor(
    socket: Socket,
    facts: { readonly purpose: Purpose; readonly peer: PeerRef | undefined },
    owner: ConnectionOwner,
    shared: ConnectionShared,
  ) {
    this.#socket = socket
    this.purpose = facts.purpose
    this.socketPeer = facts.peer
    this.#owner = owner
    this.#shared = shared
    this.#writer = new LineWriter(socket, {
      budget: shared.outbound,
      now: shared.now,
      isOpen: () => this.#state !== 'destroyed' && !this.#isHeld,
      onWritten: (bytes) => this.#onWritten(bytes),
    })
    this.openedMs = shared.now()
    this.lastProgressMs = this.openedMs
    this.group = socket.remoteAddress && addressGroup(socket.remoteAddress)
    if (this.direction === 'inbound') this.creditedBytes = -DIAL_BYTES
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('drain', () => this.#onDrain())
    socket.on('connect', () => {
      this.group = socket.remoteAddress && addressGroup(socket.remoteAddress)
      if (!this.#isHeld) this.#noteOpened()
    })
    socket.on('error', (error: Error) => this.fail(shared.security.explain(this, error)))
    socket.on('close', () => this.#onClose())
    shared.security.admit(this, socket)
  }

  /** The other side, as far as it is known. */
  get peer(): PeerRef | undefined {
    return this.remote ?? this.socketPeer
  }

  /** Who dialled. */
  get direction(): Direction {
    return this.purpose === 'inbound' ? 'inbound' : 'outbound'
  }

  /** Whether the socket was ever open. */
  get wasOpened(): boolean {
    return this.#wasOpened || this.purpose === 'inbound'
  }

  /** Whether it was ended or destroyed from this side. */
  get hasEnded(): boolean {
    return this.#state !== 'open'
  }

  /** Whether it was destroyed, or is gone by itself. */
  get isDestroyed(): boolean {
    return this.#state === 'destroyed'
  }

  /** Whether all that was written has left, the end included. */
  get hasFlushed(): boolean {
    return this.#socket.writableFinished
  }

  /** Whether lines can be sent both ways: both hellos are known and nobody has ended. */
  get isReady(): boolean {
    if (this.purpose === 'bulk' || this.#diversion !== undefined) return false
    return this.#state === 'open' && !this.#hasRemoteEnded && this.hello !== undefined && this.saidHello
  }

  /** Whether more can be sent without piling up, here or in all connections together. */
  get hasRoom(): boolean {
    return this.blockedSinceMs === undefined && this.#shared.outbound.hasRoom(0)
  }

  /** Since when nothing leaves although something waits. */
  get blockedSinceMs(): number | undefined {
    return this.#writer.blockedSinceMs
  }

  /** Whether the other side's hello was accepted, or is somebody else's to judge, whatever the connection is for. */
  get isIntroduced(): boolean {
    return this.remote !== undefined || this.isHandedOver
  }

  /** Bytes on their way out. */
  get outboundBytes(): number {
    return this.#writer.heldBytes
  }

  /** Bytes of the line that is still arriving. */
  get frameBytes(): number {
    return this.#reader?.pendingBytes ?? 0
  }

  /** Memory held for a line that is still arriving. */
  get pendingBytes(): number {
    return this.#reader?.heldBytes ?? 0
  }

  /**
   * Sends a line at the end of this turn of the event loop. Ignored once ended.
   *
   * @param bytes - its size in UTF-8
   */
  send(line: string, bytes: number): void {
    if (this.#state === 'open') this.#writer.send(line, bytes)
  }

  /** Sends what was written and then the end; goes on reading until the other side ends. */
  end(): void {
    if (this.#state !== 'open') return
    this.#writer.flush()
    this.#state = 'ended'
    this.paceBytesLeft = undefined
    this.frameStartedMs = undefined
    this.lastProgressMs = this.#shared.now()
    if (!this.#isHeld) this.#socket.end()
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    if (!this.#isHeld || this.#state === 'destroyed') return
    this.#isHeld = false
    this.#noteOpened()
    this.#writer.flush()
    if (this.#state === 'ended') this.#socket.end()
  }

  refuse(error: RefusalError): void {
    if (this.#state === 'destroyed') return
    this.#writer.dropBatch()
    this.mute()
    if (this.#isHeld) this.#state = 'open' // The end was kept back too.
    this.#isHeld = false
    const line = refusalLine(error)
    this.send(line, Buffer.byteLength(line))
    this.end()
    process.nextTick(() => this.#tellFailed(error))
  }

  /** Hands over the bytes that arrive from now on. Nothing may have arrived of the next line. */
  divert(diversion: Diversion): void {
    this.#diversion = diversion
    this.keepPace()
  }

  /** A transfer in bulk begins: from now on it has to make headway, or misses the deadline of a message. */
  keepPace(): void {
    this.paceBytesLeft = PACE_BYTES
    this.frameStartedMs = this.#shared.now()
  }

  /** Ignores all that arrives from now on. */
  mute(): void {
    this.mutedMs ??= this.#shared.now()
    this.frameStartedMs = undefined
    this.#reader?.stop()
    this.resume()
  }

  /** Gives the socket away: nothing of what happens on it is told any more but that it is gone. */
  handOver(): Socket {
    this.isHandedOver = true
    this.#state = 'ended'
    return this.#socket
  }

  /** Reads nothing until `resume()`: the other side has to wait. */
  pause(): void {
    if (this.pausedSinceMs !== undefined || this.mutedMs !== undefined) return
    this.pausedSinceMs = this.#shared.now()
    this.#socket.pause()
  }

  /** Reads on. The time of the pause is nobody's fault, so no deadline counts it. */
  resume(): void {
    if (this.pausedSinceMs === undefined) return
    const nowMs = this.#shared.now()
    if (this.frameStartedMs !== undefined) this.frameStartedMs += nowMs - this.pausedSinceMs
    this.lastProgressMs = nowMs
    this.pausedSinceMs = undefined
    this.#socket.resume()
    if (this.#reader?.hasRest === true) this.#read()
  }

  /** Lets the process end although this connection is open. */
  unref(): void {
    this.#socket.unref()
  }

  /** Tells the owner why it cannot go on, and destroys it. */
  fail(error: Error): void {
    if (this.#state === 'destroyed' || this.isHandedOver) return
    this.destroy()
    this.#tellFailed(error)
  }

  /** Drops the socket and all that waits in it. `onClosed` follows, in a later turn. */
  destroy(): void {
    if (this.#state === 'destroyed') return
    this.#state = 'destroyed'
    this.mute()
    this.#writer.stop()
    this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    if (this.isHandedOver) return
    this.bytesRead += chunk.length
    this.lastProgressMs = this.#shared.now()
    if (this.mutedMs !== undefined) return
    if (this.#diversion !== undefined) {
      this.#notePace(chunk.length)
      this.#diversion.onBytes(chunk)
      return
    }
    if (this.bytesRead > chunk.length || this.#shared.security.screenStart(this, chunk)) this.#read(chunk)
  }

  /** What there is no time for is read in a later turn, and nothing behind it before. */
  #read(chunk?: Buffer): void {
    this.#reader ??= this.#newReader()
    const turn = this.#reader.read(chunk)
    if (this.isHandedOver) return
    if (this.#reader.hasRest) this.pause()
    this.#shared.onRead(this, turn)
    if (this.mutedMs !== undefined) return
    if (this.#diversion === undefined) this.#noteFrame(turn.bytes)
    if (!this.#shared.inbound.hasRoom(0)) this.#shared.onInboundFull()
    if (this.#hasRemoteEnded && !this.#reader.hasRest) this.#onEnd()
  }

  #newReader(): TurnReader {
    const options = {
      lineBytesMax: this.#shared.frameBytesMax,
      budget: this.#shared.inbound,
      direction: this.direction,
      onValue: (value: unknown) => this.#onValue(value),
      onSession: this.#owner.onSession && ((head: Buffer) => this.#owner.onSession?.(this, head) === true),
      onError: (error: Error) => this.fail(error),
    }
    return new TurnReader(options, this.#shared.now)
  }

  #onValue(value: unknown): void {
    if (!this.#shared.security.screen(this, value)) return
    // It was to wait for the answer, and then to send no lines.
    if (this.#diversion !== undefined) this.fail(new MalformedMessageError('a line follows the offer of a transfer'))
    else this.#owner.onLine(this, value)
  }

  #notePace(bytes: number): void {
    if (this.paceBytesLeft === undefined) return
    this.paceBytesLeft -= bytes
    if (this.paceBytesLeft <= 0) this.keepPace()
  }

  /** A line that is shorter than what just arrived began now. */
  #noteFrame(chunkBytes: number): void {
    if (this.frameBytes === 0) this.frameStartedMs = undefined
    else if (this.frameStartedMs === undefined || this.frameBytes < chunkBytes)
      this.frameStartedMs = this.lastProgressMs
  }

  #onEnd(): void {
    if (this.isHandedOver) return
    this.#hasRemoteEnded = true
    // The end is read after all that came before it.
    if (this.#reader?.hasRest === true) return
    this.frameStartedMs = undefined
    if (this.mutedMs === undefined && this.#diversion === undefined) this.#reader?.finish()
    else if (this.mutedMs === undefined) this.#diversion?.onEnd()
    if (this.#state !== 'destroyed') this.#owner.onRemoteEnd(this)
  }

  #onDrain(): void {
    this.#writer.blockedSinceMs = undefined
    if (this.#state === 'open') this.#owner.onDrain(this)
  }

  #onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#state = 'destroyed'
    this.mute()
    this.#writer.stop()
    this.#diversion?.onClosed()
    this.#owner.onClosed(this)
  }

  #onWritten(bytes: number): void {
    if (this.hello === undefined) this.lastProgressMs = this.#shared.now()
    if (this.purpose === 'bulk') this.#notePace(bytes)
  }

  #noteOpened(): void {
    this.#wasOpened = true
    this.lastProgressMs = this.#shared.now()
  }

  #tellFailed(error: Error): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#owner.onFailed(this, error)
  }
}
