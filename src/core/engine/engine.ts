/**
 * The engine: a calculator of gossip. Time and chance come in as arguments and a function, messages and events come out
 * of an outbox, and `deadline` says when it wants to run next. It waits for nothing and touches nothing outside itself.
 */

import { AssertionError, assert } from '../assert.ts'
import { CapacityError, GossipError, IdConflictError, InvalidValueError, ValueTooLargeError } from '../errors.ts'
import { type Admitted, admitJson, type JsonValue, jsonBytes, numberBytes, stringBytes } from '../json/index.ts'
import { asTravelled, LEFT_HEARTBEAT, type Peer } from '../membership/index.ts'
import type { PeerRef, SenderRef } from '../ports.ts'
import { type Digest, isName, NAME_BYTES_MAX, parseDigest } from '../reconcile/index.ts'
import type { Entry, PeerMap, WireGroup } from '../state/index.ts'
import { BULK_BUSY, type IncomingBulk } from './bulk-desk.ts'
import { Context, type EngineSetup, type EngineStats } from './context.ts'
import type { EngineEvent, OutMessage } from './events.ts'
import { type Explanation, explain, explainOwn } from './explain.ts'
import { beginLife } from './identity.ts'
import type { OutgoingBulk } from './outgoing-bulk.ts'
import { receiveBulkGroup, receiveDeltas, receiveDigest } from './receive.ts'
import { lapseLeases, runRound, sendDigestTo } from './round.ts'

/** Longest lease, ms. */
export const TTL_MS_MAX: number = 2 ** 43

/**
 * One node's gossip. Every call that takes `now` may leave messages and events behind: take them after each call.
 * `now` must not go backwards between calls.
 */
export class Engine {
  readonly #context: Context

  constructor(setup: EngineSetup) {
    this.#context = new Context(setup)
  }

  get id(): string {
    return this.#context.id
  }
  get generation(): number {
    return this.#context.generation
  }
  /** Rounds begun in this process; what others know of my life. */
  get heartbeat(): number {
    return this.#context.heartbeat
  }
  /** Whether another process has this id, so that this one has stopped. */
  get isFrozen(): boolean {
    return this.#context.phase === 'conflict'
  }
  /** Counters since the start. */
  get stats(): Readonly<EngineStats> {
    return this.#context.stats
  }
  /** The own map. Not to be written from outside. */
  get ownMap(): PeerMap {
    return this.#context.own.map
  }
  /** Where this node is reached; null before the start. */
  get transport(): JsonValue {
    return this.#context.transport
  }
  /** When the engine wants `tick` to be called, in engine time; Infinity when there is nothing to do. */
  get deadline(): number {
    const { nextRoundAt, leases } = this.#context
    return Math.min(nextRoundAt, leases.nextAt)
  }

  /** Takes a generation for this life: before the start, when a former life left one. */
  beginLife(generation: number, now: number): void {
    assert(this.#context.phase === 'new' && generation >= this.generation, 'a life begins once, above all former ones')
    beginLife(this.#context, generation, now)
  }

  /** Addresses to try as seeds beside those of the options; they replace the ones offered before. */
  offerSeeds(seeds: readonly PeerRef[]): void {
    this.#context.offeredSeeds = seeds.map(({ id, transport }) => ({ id, transport }))
  }

  /** Begins this life at an address: the first round is due at once. */
  start(life: { generation: number; transport: JsonValue }, now: number): void {
    const context = this.#context
    context.transport = asTravelled(life.transport)
    beginLife(context, Math.max(life.generation, context.generation), now)
    context.nextRoundAt = now
    context.phase = 'running'
  }

  get isPaused(): boolean {
    return this.#context.phase === 'paused'
  }

  /** Stops rounds and ignores messages until `resume`: to others, this node is as one whose process was stopped. */
  pause(now: number): void {
    const context = this.#context
    if (context.phase !== 'running') return
    this.#observe(now)
    context.phase = 'paused'
    context.pausedAt = now
    context.nextRoundAt = Number.POSITIVE_INFINITY
  }

  /** Ends a pause: a round is due at once. The pause is a stall, so it is held against nobody. */
  resume(now: number): void {
    const context = this.#context
    if (context.phase !== 'paused') return
    this.#observe(now)
    context.phase = 'running'
    context.pausedAt = undefined
    context.nextRoundAt = now
  }

  /** Stops rounds and ignores messages from now on. */
  stop(): void {
    this.#context.nextRoundAt = Number.POSITIVE_INFINITY
    this.#context.phase = 'stopped'
  }

  /**
   * Writes a key of this node's map.
   *
   * @returns whether anything changed
   * @throws {InvalidValueError} the key or the value cannot be said in JSON
   * @throws {ValueTooLargeError} the value exceeds `valueBytesMax`, or no message can carry it and there is no bulk
   * @throws {CapacityError} the map would exceed `mapBytesMax`
   * @throws {IdConflictError} this node has stopped
   */
  set(key: string, value: unknown, lease: { ttlMs?: number | undefined }, now: number): boolean {
    const context = this.#context
    this.#assertWritable()
    assertKey(key)
    const admitted = admitJson(value)
    this.#assertFits(key, admitted)
    const entry = context.own.set(key, admitted, lease, now)
    if (entry === undefined) return false
    context.leases.add(context.own.map, entry)
    context.outbox.tell({ type: 'update', peerId: context.id, key, value: entry.value })
    return true
  }

  /** Deletes a key of this node's map; returns whether there was anything. Throws as `set` does for the key. */
  delete(key: string, now: number): boolean {
    const context = this.#context
    this.#assertWritable()
    assertKey(key)
    if (context.own.delete(key, now) === undefined) return false
    context.outbox.tell({ type: 'delete', peerId: context.id, key })
    return true
  }

  /** What a reader sees of a peer's key; the own id included. */
  read(peerId: string, key: string, now: number): Entry | undefined {
    return this.#mapOf(peerId)?.read(key, now)
  }

  /** All a reader sees of a peer. */
  readAll(peerId: string, now: number): readonly Entry[] {
    return [...(this.#mapOf(peerId)?.readAll(now) ?? [])]
  }

  /** Remote peers known, ascending by id. */
  peers(): readonly Peer[] {
    return this.#context.roster.peers()
  }

  /** A remote peer, unless it is unknown or retired. */
  peer(id: string): Peer | undefined {
    return this.#context.roster.get(id)
  }

  /** Everything there is to say about a peer's life and state; undefined for an unknown id. */
  explain(id: string, now: number): Explanation | undefined {
    return id === this.id ? explainOwn(this.#context) : explain(this.#context, id, now)
  }

  /** Takes in a digest. Malformed or refused ones become an `error` event. */
  receiveDigest(remote: SenderRef, digest: unknown, now: number): void {
    this.#receive(now, () => {
      const body = parseDigest(digest, remote.id, this.#context.roster.ids)
      receiveDigest(this.#context, remote, body, now)
    })
  }

  /**
   * Takes in the `body` of a message of another engine in this process, which says the same as its payload. It is
   * believed to have the right shape, so nothing that came over a network belongs here.
   */
  receiveDigestBody(remote: SenderRef, body: Digest, now: number): void {
    assert(body.own.id === remote.id, 'a digest is handed over under the id of its sender')
    this.#receive(now, () => receiveDigest(this.#context, remote, body, now))
  }

  /** Takes in deltas. Malformed or refused ones become an `error` event. */
  receiveDeltas(remote: SenderRef, deltas: unknown, now: number): void {
    this.#receive(now, () => receiveDeltas(this.#context, remote, deltas, now))
  }

  /** Transfers in bulk to begin; each is given once. */
  takeBulks(): readonly OutgoingBulk[] {
    return this.#context.bulks.takeOffers()
  }

  /** The next group of a transfer that was begun here; undefined after the last, and once this node has stopped. */
  nextOfBulk(bulk: OutgoingBulk, now: number): WireGroup | undefined {
    const group = this.#context.phase === 'running' ? bulk.next(now) : undefined
    this.#context.stats.entriesSent += group?.entries.length ?? 0
    return group
  }

  /**
   * A transfer that was begun here is over. A peer that has no room for it at present is no trouble; any other error is
   * told, and what is left goes by messages until it is tried again.
   */
  endBulk(bulk: OutgoingBulk, error: Error | undefined, now: number): void {
    const code = error === undefined ? undefined : String((error as { code?: unknown }).code)
    this.#context.bulks.end(bulk, code, now)
    if (error === undefined) return
    this.#context.stats.bulksFailed++
    if (code !== BULK_BUSY && this.#context.phase === 'running') this.#context.tellError(error)
  }

  /**
   * Whether a transfer in bulk is let in.
   *
   * @param about - ids of the peers it is about; undefined: any
   * @returns what to hand over with its groups, or the code to refuse it with
   */
  admitBulk(from: SenderRef, about: readonly string[] | undefined): IncomingBulk | string {
    const { bulks, senders, stats, phase } = this.#context
    const isKnown = phase === 'running' && senders.has(from)
    const bulk = isKnown ? bulks.admit(from, about) : undefined
    if (bulk !== undefined) stats.bulksAdmitted++
    else stats.bulksRefused++
    return bulk ?? (isKnown ? BULK_BUSY : 'GOSSIP_SENDER_UNKNOWN')
  }

  /** Takes in one group of a transfer that was let in. Returns whether it is worth going on; a malformed one is told. */
  receiveBulk(bulk: IncomingBulk, group: unknown, now: number): boolean {
    let isUseful = false
    if (!this.#context.bulks.isIn(bulk)) return false
    this.#receive(now, () => {
      isUseful = receiveBulkGroup(this.#context, bulk.from, group, now)
    })
    return isUseful
  }

  /** A transfer that was let in is over. */
  leaveBulk(bulk: IncomingBulk): void {
    this.#context.bulks.leave(bulk)
  }

  /** A sender whose hello passed the transport's checks: its deltas may be read. */
  admitSender(id: string): void {
    this.#context.senders.admit(id)
  }

  /** Does what is due. Calling it early does nothing. */
  tick(now: number): void {
    this.#observe(now)
    lapseLeases(this.#context, now)
    if (now >= this.#context.nextRoundAt) runRound(this.#context, now)
  }

  /** Runs a round now, due or not; the next one comes an interval later. */
  gossip(now: number): void {
    this.#observe(now)
    if (this.#context.phase === 'running') runRound(this.#context, now)
  }

  /** Sends a digest to somebody outside the rounds. */
  sendDigest(remote: PeerRef, now: number): void {
    if (this.#context.phase === 'running') sendDigestTo(this.#context, remote, now)
  }

  /**
   * Says goodbye: from now on the own entry carries `left`. The event `leave taken` comes once as many peers as a round
   * contacts have taken note, at once when there is nobody to tell or this node has stopped.
   */
  leave(now: number): void {
    const context = this.#context
    if (context.phase !== 'running') context.outbox.tell({ type: 'leave taken' })
    if (context.phase !== 'running' || context.hasLeft) return
    // Peers of the first generation cannot take note of a goodbye.
    const listeners = this.peers().filter((peer) => peer.isHopeful && !peer.isOld && peer.transport !== undefined)
    context.leaveWanted = Math.min(listeners.length, context.options.fanout)
    context.heartbeat = LEFT_HEARTBEAT
    if (context.leaveWanted === 0) context.outbox.tell({ type: 'leave taken' })
    else runRound(context, now)
  }

  /** Messages to send, in order; each is given once. */
  takeMessages(): readonly OutMessage[] {
    return this.#context.outbox.takeMessages()
  }

  /**
   * Events to tell, in order; each is given once.
   *
   * @param countMax - most of them; ask again until none are left. @defaultValue all
   */
  takeEvents(countMax: number = Number.POSITIVE_INFINITY): readonly EngineEvent[] {
    return this.#context.outbox.takeEvents(countMax)
  }

  /** Handles a message before it comes this far: what is thrown because it cannot be read, or must not, is counted and told. */
  guard(handle: () => void): void {
    try {
      handle()
    } catch (error) {
      if (!(error instanceof GossipError)) throw error
      this.#refuse(error)
    }
  }

  #refuse(error: GossipError): void {
    if (this.#context.phase !== 'running') return
    this.#context.stats.messagesRefused++
    this.#context.tellError(error)
  }

  #mapOf(peerId: string): PeerMap | undefined {
    return peerId === this.id ? this.#context.own.map : this.#context.roster.get(peerId)?.map
  }

  #receive(now: number, handle: () => void): void {
    if (this.#context.phase !== 'running') return
    this.#observe(now)
    // What has lapsed is told before anything can take its place.
    lapseLeases(this.#context, now)
    try {
      handle()
    } catch (error) {
      if (error instanceof AssertionError || !(error instanceof GossipError)) throw error
      this.#refuse(error)
    } finally {
      this.#context.roster.settle()
    }
  }

  /** After a stall longer than a round, one more round passes before anybody is judged: the mail is read first. */
  #observe(now: number): void {
    const context = this.#context
    context.outbox.keep()
    const { gossipIntervalMs } = context.options
    const stallMs = context.clock.observe(now, context.pausedAt ?? this.deadline)
    if (stallMs > 0) context.roster.table.partClocks()
    if (stallMs > gossipIntervalMs / 2) context.judgesFrom = now + gossipIntervalMs / 2
  }

  #assertWritable(): void {
    const { phase, id, generation } = this.#context
    if (phase === 'conflict') throw new IdConflictError(id, generation, generation)
  }

  #assertFits(key: string, { bytes }: Admitted): void {
    const { options, own, deltaBytesMax, transport, bulks } = this.#context
    if (bytes > options.valueBytesMax) throw new ValueTooLargeError(key, bytes, options.valueBytesMax)
    const number = Number.MAX_SAFE_INTEGER
    const numbers = { generation: number, from: number, gcVersion: number, maxVersion: number, top: number }
    const group = { id: this.id, transport, ...numbers, entries: [[key, 0, number, number]] }
    const aroundBytes = jsonBytes([group])
    if (!bulks.isAble && aroundBytes + bytes > deltaBytesMax) {
      throw new ValueTooLargeError(key, bytes, Math.max(0, deltaBytesMax - aroundBytes))
    }
    // Every copy counts whole entries: what exceeded its limit would never be taken in.
    const entryBytes = stringBytes(key) + bytes + numberBytes(own.map.maxVersionSeen + 1) + 4
    const replacedBytes = own.map.shown(key)?.bytes ?? 0
    if (own.map.bytes - replacedBytes + entryBytes > options.mapBytesMax)
      throw new CapacityError('the own map', options.mapBytesMax)
  }
}

function assertKey(key: unknown): void {
  if (!isName(key)) throw new InvalidValueError('key', `must be a text of 1 to ${NAME_BYTES_MAX} bytes`)
}
