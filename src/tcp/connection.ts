/**
 * One socket: lines in, lines out, bytes counted, moments of progress noted. It knows nothing of hellos, dialects or
 * peers; its owner does. Lines written in one turn of the event loop leave in one write.
 */

import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Direction, type Hello, MalformedMessageError, type PeerRef, type SenderRef } from '../core/index.ts'
import type { OwnerOf } from './connection-owner.ts'
import type { ConnectionShared } from './connection-shared.ts'
import type { Diversion } from './diversion.ts'
import { LineBatch } from './line-batch.ts'
import { LineReader } from './line-reader.ts'
import { type RefusalError, refusalLine } from './refusal.ts'
import type { SecuredConnection } from './security.ts'
import { SessionStart } from './session-start.ts'

/**
 * What a connection was made for: any inbound one; a lasting one; a single message or rpc payload, ended at once; a
 * transfer in bulk.
 */
export type Purpose = 'inbound' | 'lane' | 'one-shot' | 'rpc' | 'bulk'

/** Who is told what happens on a connection. */
export type ConnectionOwner = OwnerOf<Connection>

/** Bytes that may wait in a socket before more is held back: enough to keep the kernel busy, little enough to lose. */
export const SOCKET_BYTES_MAX: number = 256 * 1_024
/** What must move within the deadline of a message while a transfer in bulk runs, so that nobody can make it last. */
const PACE_BYTES = 64 * 1_024
/** Lines are joined up to about this size; beyond, copying costs more than another write. */
const BATCH_BYTES_MAX = 64 * 1_024

/** One TCP connection. */
export class Connection implements SecuredConnection {
  readonly purpose: Purpose
  readonly openedMs: number
  /** Where an accepted socket comes from, or where a dialled one was to lead. */
  readonly socketPeer: PeerRef | undefined
  /** The other side, once its hello was accepted. */
  remote: SenderRef | undefined
  /** What the other side has proven to hold the key of; undefined in plain text. */
  peerCertificate: X509Certificate | undefined
  /** The other side's hello, once accepted. */
  hello: Hello | undefined
  /** Whether our hello was written. */
  saidHello = false
  /** Bytes that arrived. */
  bytesRead = 0
  /** When something last arrived, or, while no hello did, last left. */
  lastProgressMs: number
  /** When the line that is still arriving began. */
  frameStartedMs: number | undefined
  /** Since when nothing leaves although something waits. */
  blockedSinceMs: number | undefined
  /** Since when all that arrives is ignored. */
  mutedMs: number | undefined
  /** Whether the socket is somebody else's, who keeps its deadlines; it counts among the connections until it is gone. */
  isHandedOver = false

  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #shared: ConnectionShared
  #reader: LineReader | undefined
  #diversion: Diversion | undefined
  /** The first bytes, while they may still become those of a session. */
  #start: SessionStart | undefined
  /** Bytes until the deadline is put off; undefined unless a transfer runs. */
  #paceBytesLeft: number | undefined
  readonly #batch = new LineBatch()
  #heldBytes = 0
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
    this.openedMs = shared.now()
    this.lastProgressMs = this.openedMs
    if (owner.onSession !== undefined) this.#start = new SessionStart(shared.inbound)
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('drain', () => this.#onDrain())
    socket.on('connect', () => {
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

  /** Whether the other side has proven the id of {@link Connection.remote} by a certificate. */
  get isAuthenticated(): boolean {
    return this.peerCertificate !== undefined && this.remote !== undefined
  }

  /** Whether it was ended or destroyed from this side. */
  get hasEnded(): boolean {
    return this.#state !== 'open'
  }

  /** Whether the other side said that it will send no more. */
  get hasRemoteEnded(): boolean {
    return this.#hasRemoteEnded
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

  /** Whether all that was written has at least left this process. */
  get isFlowing(): boolean {
    return this.blockedSinceMs === undefined
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
    if (this.#state !== 'open') return
    if (this.#batch.isEmpty) process.nextTick(() => this.#flush())
    this.#batch.add(line, bytes)
    this.#heldBytes += bytes
    this.#shared.outbound.add(bytes)
    if (this.#batch.bytes >= BATCH_BYTES_MAX) this.#flush()
  }

  /** Sends what was written and then the end; goes on reading until the other side ends. */
  end(): void {
    if (this.#state !== 'open') return
    this.#flush()
    this.#state = 'ended'
    this.#paceBytesLeft = undefined
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
    this.#flush()
    if (this.#state === 'ended') this.#socket.end()
  }

  refuse(error: RefusalError): void {
    if (this.#state === 'destroyed') return
    this.#dropBatch()
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
    this.#paceBytesLeft = PACE_BYTES
    this.frameStartedMs = this.#shared.now()
  }

  /** Takes nothing more from the socket for now, so that its sender has to wait. */
  pause(): void {
    this.#socket.pause()
  }

  /** Goes on after {@link pause}. */
  resume(): void {
    this.#socket.resume()
  }

  /** Ignores all that arrives from now on. */
  mute(): void {
    this.mutedMs ??= this.#shared.now()
    this.frameStartedMs = undefined
    this.#reader?.stop()
    this.#start?.release()
  }

  /** Gives the socket away: nothing of what happens on it is told any more but that it is gone. */
  handOver(): Socket {
    this.isHandedOver = true
    this.#state = 'ended'
    return this.#socket
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
    this.#dropBatch()
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
    if (this.bytesRead === chunk.length && !this.#shared.security.screenStart(this, chunk)) return
    const bytes = this.#start === undefined ? chunk : this.#screenStart(this.#start, chunk)
    if (bytes === undefined) return
    this.#reader ??= this.#newReader()
    this.#reader.push(bytes)
    if (this.mutedMs !== undefined) return
    if (this.#diversion === undefined) this.#noteFrame(chunk.length)
    if (!this.#shared.inbound.hasRoom(0)) this.#shared.onInboundFull()
  }

  #newReader(): LineReader {
    return new LineReader({
      lineBytesMax: this.#shared.frameBytesMax,
      budget: this.#shared.inbound,
      direction: this.direction,
      onValue: (value) => {
        if (!this.#shared.security.screen(this, value)) return
        // It was to wait for the answer, and then to send no lines.
        if (this.#diversion !== undefined)
          this.fail(new MalformedMessageError('a line follows the offer of a transfer'))
        else this.#owner.onLine(this, value)
      },
      onError: (error) => this.fail(error),
    })
  }

  /** The bytes to be read as lines; undefined where a session begins, or may begin. */
  #screenStart(start: SessionStart, chunk: Buffer): Buffer | undefined {
    const found = start.push(chunk)
    if (found === undefined) this.frameStartedMs ??= this.lastProgressMs
    if (found === undefined) return undefined
    this.#start = undefined
    return found.isSession && this.#owner.onSession?.(this, found.head) === true ? undefined : found.head
  }

  #notePace(bytes: number): void {
    if (this.#paceBytesLeft === undefined) return
    this.#paceBytesLeft -= bytes
    if (this.#paceBytesLeft <= 0) this.keepPace()
  }

  /** A line that is shorter than what just arrived began now. */
  #noteFrame(chunkBytes: number): void {
    const pendingBytes = this.#reader?.pendingBytes ?? 0
    if (pendingBytes === 0) this.frameStartedMs = undefined
    else if (this.frameStartedMs === undefined || pendingBytes < chunkBytes) this.frameStartedMs = this.lastProgressMs
  }

  #onEnd(): void {
    if (this.isHandedOver) return
    this.#hasRemoteEnded = true
    this.frameStartedMs = undefined
    if (this.mutedMs === undefined) {
      if (this.#diversion === undefined) this.#finishLines()
      else this.#diversion.onEnd()
    }
    if (this.#state !== 'destroyed') this.#owner.onRemoteEnd(this)
  }

  #finishLines(): void {
    // What began like a session may have been a short line.
    const rest = this.#start?.release()
    if (rest !== undefined && rest.length > 0) {
      this.#reader ??= this.#newReader()
      this.#reader.push(rest)
    }
    this.#reader?.finish()
  }

  #onDrain(): void {
    this.blockedSinceMs = undefined
    if (this.#state === 'open') this.#owner.onDrain(this)
  }

  #onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#state = 'destroyed'
    this.mute()
    this.#dropBatch()
    this.#shared.outbound.remove(this.#heldBytes)
    this.#heldBytes = 0
    this.#diversion?.onClosed()
    this.#owner.onClosed(this)
  }

  #flush(): void {
    if (this.#batch.isEmpty || this.#state === 'destroyed' || this.#isHeld) return
    const { text, bytes, encoding } = this.#batch.take()
    const hasRoom = this.#socket.write(text, encoding, () => this.#onWritten(bytes))
    if (!hasRoom) this.blockedSinceMs ??= this.#shared.now()
  }

  #onWritten(bytes: number): void {
    if (this.#isClosed) return
    this.#heldBytes -= bytes
    this.#shared.outbound.remove(bytes)
    if (this.blockedSinceMs !== undefined) this.blockedSinceMs = this.#shared.now()
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

  #dropBatch(): void {
    const { bytes } = this.#batch.take()
    this.#heldBytes -= bytes
    this.#shared.outbound.remove(bytes)
  }
}
