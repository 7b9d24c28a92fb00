/**
 * One socket: lines in, lines out, bytes counted, moments of progress noted. It knows nothing of hellos, dialects or
 * peers; its owner does. Lines written in one turn of the event loop leave in one write.
 */

import type { Socket } from 'node:net'
import type { Direction, Hello, PeerRef, SenderRef } from '../core/index.ts'
import { addressGroup, type ByteBudget } from '../transports/index.ts'
import { type Turn, TurnReader } from './turn-reader.ts'

/** What a connection was made for: any inbound one; a lasting one; a single message or rpc payload, ended at once. */
export type Purpose = 'inbound' | 'lane' | 'one-shot' | 'rpc'

/** Who is told what happens. Calls come from socket events, never from inside a method of the connection. */
export interface ConnectionOwner {
  /** A line arrived. */
  onLine(connection: Connection, value: unknown): void
  /** What was written has left; there is room again. */
  onDrain(connection: Connection): void
  /** The other side will send no more; every line it sent was told. */
  onRemoteEnd(connection: Connection): void
  /** It cannot go on. Told at most once, before `onClosed`, and not after `destroy()`. */
  onFailed(connection: Connection, error: Error): void
  /** The socket is gone. */
  onClosed(connection: Connection): void
}

/** What all connections of a transport share. */
export interface ConnectionShared {
  readonly frameBytesMax: number
  /** What unfinished inbound lines hold. */
  readonly inbound: ByteBudget
  /** What is on its way out. */
  readonly outbound: ByteBudget
  /** Monotonic time, ms. */
  readonly now: () => number
  /** Called when unfinished lines may hold more than the budget. */
  readonly onInboundFull: () => void
  /** Called after something was read. */
  readonly onRead: (connection: Connection, turn: Turn) => void
}

/** Bytes that may wait in a socket before more is held back: enough to keep the kernel busy, little enough to lose. */
export const SOCKET_BYTES_MAX: number = 256 * 1_024
/** What opening and ending a connection takes beside its lines, bytes: the segments that carry none. */
export const DIAL_BYTES = 200
/** Lines are joined up to about this size; beyond, copying costs more than another write. */
const BATCH_BYTES_MAX = 64 * 1_024

/** One TCP connection. */
export class Connection {
  readonly purpose: Purpose
  readonly openedMs: number
  /** Where an accepted socket comes from, or where a dialled one was to lead. */
  readonly socketPeer: PeerRef | undefined
  /** By what the other side's IP address is counted; undefined until the socket is open. */
  group: string | undefined
  /** The other side, once its hello was accepted. */
  remote: SenderRef | undefined
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
  /** When something last arrived, or, while no hello did, last left. */
  lastProgressMs: number
  /** When the line that is still arriving began. */
  frameStartedMs: number | undefined
  /** Since when nothing leaves although something waits. */
  blockedSinceMs: number | undefined
  /** Since when all that arrives is ignored. */
  mutedMs: number | undefined
  /** Since when nothing is read of it. */
  pausedSinceMs: number | undefined

  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #shared: ConnectionShared
  #reader: TurnReader | undefined
  #batch: string[] = []
  #batchBytes = 0
  #isBatchAscii = true
  #heldBytes = 0
  #creditedBytes = 0
  #state: 'open' | 'ended' | 'destroyed' = 'open'
  #hasRemoteEnded = false
  #isClosed = false
  #wasOpened = false

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
    this.#noteGroup()
    if (this.direction === 'inbound') this.#creditedBytes = -DIAL_BYTES
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('drain', () => this.#onDrain())
    socket.on('connect', () => {
      this.#wasOpened = true
      this.lastProgressMs = this.#shared.now()
      this.#noteGroup()
    })
    socket.on('error', (error: Error) => this.fail(error))
    socket.on('close', () => this.#onClose())
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
    return this.#state === 'open' && !this.#hasRemoteEnded && this.hello !== undefined && this.saidHello
  }

  /** Whether more can be sent without piling up, here or in all connections together. */
  get hasRoom(): boolean {
    return this.blockedSinceMs === undefined && this.#shared.outbound.hasRoom(0)
  }

  /** Bytes on their way out. */
  get outboundBytes(): number {
    return this.#heldBytes
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
    if (this.#state !== 'open') return
    if (this.#batch.length === 0) process.nextTick(() => this.#flush())
    this.#batch.push(line)
    this.#batchBytes += bytes
    if (bytes !== line.length) this.#isBatchAscii = false
    this.#heldBytes += bytes
    this.#shared.outbound.add(bytes)
    if (this.#batchBytes >= BATCH_BYTES_MAX) this.#flush()
  }

  /** Sends what was written and then the end; goes on reading until the other side ends. */
  end(): void {
    if (this.#state !== 'open') return
    this.#flush()
    this.#state = 'ended'
    this.lastProgressMs = this.#shared.now()
    this.#socket.end()
  }

  /** Ignores all that arrives from now on. */
  mute(): void {
    this.mutedMs ??= this.#shared.now()
    this.frameStartedMs = undefined
    this.#reader?.stop()
    this.resume()
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

  /** Bytes that arrived since the last call, dialling included: what came in the name of the present line's sender. */
  takeCredit(): number {
    const bytes = this.bytesRead - this.#creditedBytes
    this.#creditedBytes = this.bytesRead
    return bytes
  }

  /** Lets the process end although this connection is open. */
  unref(): void {
    this.#socket.unref()
  }

  /** Tells the owner why it cannot go on, and destroys it. */
  fail(error: Error): void {
    if (this.#state === 'destroyed') return
    this.destroy()
    this.#owner.onFailed(this, error)
  }

  /** Drops the socket and all that waits in it. `onClosed` follows, in a later turn. */
  destroy(): void {
    if (this.#state === 'destroyed') return
    this.#state = 'destroyed'
    this.mute()
    this.#dropAll()
    this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    this.bytesRead += chunk.length
    this.lastProgressMs = this.#shared.now()
    this.#read(chunk)
  }

  /** What there is no time for is read in a later turn, and nothing behind it before. */
  #read(chunk?: Buffer): void {
    if (this.mutedMs !== undefined) return
    this.#reader ??= this.#newReader()
    const turn = this.#reader.read(chunk)
    if (this.#reader.hasRest) this.pause()
    this.#shared.onRead(this, turn)
    if (this.mutedMs !== undefined) return
    this.#noteFrame(turn.bytes)
    if (!this.#shared.inbound.hasRoom(0)) this.#shared.onInboundFull()
    if (this.#hasRemoteEnded && !this.#reader.hasRest) this.#onEnd()
  }

  #noteGroup(): void {
    const { remoteAddress } = this.#socket
    if (remoteAddress !== undefined) this.group = addressGroup(remoteAddress)
  }

  #newReader(): TurnReader {
    const options = {
      lineBytesMax: this.#shared.frameBytesMax,
      budget: this.#shared.inbound,
      direction: this.direction,
      onValue: (value: unknown) => this.#owner.onLine(this, value),
      onError: (error: Error) => this.fail(error),
    }
    return new TurnReader(options, this.#shared.now)
  }

  /** A line that is shorter than what just arrived began now. */
  #noteFrame(chunkBytes: number): void {
    const pendingBytes = this.frameBytes
    if (pendingBytes === 0) this.frameStartedMs = undefined
    else if (this.frameStartedMs === undefined || pendingBytes < chunkBytes) this.frameStartedMs = this.lastProgressMs
  }

  #onEnd(): void {
    this.#hasRemoteEnded = true
    // The end is read after all that came before it.
    if (this.#reader?.hasRest === true) return
    this.frameStartedMs = undefined
    if (this.mutedMs === undefined) this.#reader?.finish()
    if (this.#state !== 'destroyed') this.#owner.onRemoteEnd(this)
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
    this.#dropAll()
    this.#owner.onClosed(this)
  }

  #flush(): void {
    if (this.#batch.length === 0 || this.#state !== 'open') return
    const [batch, bytes] = [this.#batch, this.#batchBytes]
    // Latin-1 is a plain copy, so text that is ASCII anyway goes that way.
    const encoding = this.#isBatchAscii ? 'latin1' : 'utf8'
    this.#forgetBatch()
    let isTaken = false
    const hasRoom = this.#socket.write(batch.length === 1 ? (batch[0] as string) : batch.join(''), encoding, () => {
      if (!isTaken) this.#release(bytes)
      this.#onWritten()
    })
    // What the system has taken at once is no longer held here, although the callback comes later.
    if (this.#socket.writableLength === 0) {
      isTaken = true
      this.#release(bytes)
    }
    if (!hasRoom) this.blockedSinceMs ??= this.#shared.now()
  }

  #release(bytes: number): void {
    if (this.#state === 'destroyed') return
    this.#heldBytes -= bytes
    this.#shared.outbound.remove(bytes)
  }

  #onWritten(): void {
    if (this.#isClosed) return
    if (this.blockedSinceMs !== undefined) this.blockedSinceMs = this.#shared.now()
    if (this.hello === undefined) this.lastProgressMs = this.#shared.now()
  }

  #dropAll(): void {
    this.#shared.outbound.remove(this.#heldBytes)
    this.#heldBytes = 0
    this.#forgetBatch()
  }

  #forgetBatch(): void {
    this.#batch = []
    this.#batchBytes = 0
    this.#isBatchAscii = true
  }
}
