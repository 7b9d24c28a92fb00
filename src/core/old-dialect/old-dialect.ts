/**
 * Stands between the driver and the engine, so that npm `gossipmonger` 0.1.x can be a neighbour. The engine knows one
 * dialect; this module alone knows the other: what old peers say is translated before the engine sees it, what the
 * engine says to old peers, or to peers that may be old, is written anew before it leaves.
 */

import type { Engine, OutMessage } from '../engine/index.ts'
import { InvalidOptionError, MalformedMessageError } from '../errors.ts'
import { deepEqual, type JsonValue } from '../json/index.ts'
import { LEFT_HEARTBEAT, type Peer } from '../membership/index.ts'
import type { PeerRef, SenderRef } from '../ports.ts'
import { asJson, GENERATION_MAX } from '../reconcile/index.ts'
import type { WireGroup } from '../state/index.ts'
import { FlatGreetings } from './flat-greetings.ts'
import { FlatDigests, flatDeltas, isBearableName } from './flat-messages.ts'
import { Introductions } from './introductions.ts'
import { type OldPeer, OldPeers } from './old-peer.ts'
import {
  areFlatDeltas,
  digestForm,
  type OldDeltas,
  type OldItem,
  parseFlatDeltas,
  parseOldDigest,
} from './old-shapes.ts'
import type { OldDialectOptions } from './options.ts'
import type { Moment } from './recent-asks.ts'
import { refusal } from './refusal.ts'
import { groupOf, type OldLife, ownEntryOf, standingsOf } from './translate.ts'

/** Who reads a message: a node of ours, an old peer, one that may be either; nobody: it must not be sent. */
type Reader = 'new' | 'old' | 'either' | 'nobody'

/** The generation of an old peer nobody here knows of: the same at every node that meets it first. */
const FIRST_GENERATION = 1

/**
 * Translates between old messages and the engine's own.
 *
 * @throws {InvalidOptionError} the constructor, when old peers are accepted and could not bear this node's name
 */
export class OldDialect {
  readonly #engine: Engine
  readonly #options: OldDialectOptions
  readonly #peers: OldPeers
  readonly #flatDigests: FlatDigests
  readonly #introductions = new Introductions()
  readonly #greetings: FlatGreetings

  constructor(engine: Engine, options: OldDialectOptions) {
    if (options.isAccepted && !isBearableName(engine.id)) {
      throw new InvalidOptionError(
        'acceptOldPeers',
        `false for a node named ${engine.id}, which old peers cannot bear`,
        true,
      )
    }
    this.#engine = engine
    this.#options = options
    this.#peers = new OldPeers(options.peersMax)
    this.#flatDigests = new FlatDigests(engine)
    this.#greetings = new FlatGreetings(engine, options)
  }

  /** Takes a digest in when it is in the old dialect, or written for it; false leaves it to the engine. */
  receiveDigest(remote: SenderRef, digest: JsonValue, now: number): boolean {
    this.#peers.begin(this.#momentOf(now))
    const form = digestForm(digest, remote.id)
    if (form === 'engine') this.#peers.forget(remote.id)
    if (form === 'engine' || form === 'unknown') return false
    this.#engine.guard(() => {
      if (form === 'old') this.#receiveOldDigest(remote, digest, now)
      else if (this.#greetings.receive(remote, digest, now)) this.#peers.forget(remote.id)
    })
    return true
  }

  /** Takes deltas in when they are in the old dialect; false leaves them to the engine. */
  receiveDeltas(remote: SenderRef, deltas: JsonValue, now: number): boolean {
    this.#peers.begin(this.#momentOf(now))
    if (!areFlatDeltas(deltas)) return false
    this.#engine.guard(() => this.#receiveFlatDeltas(remote, deltas, now))
    return true
  }

  /** What really goes out for a message of the engine. */
  translate(message: OutMessage, now: number): readonly OutMessage[] {
    this.#peers.begin(this.#momentOf(now))
    const reader = this.#readerOf(message)
    if (reader === 'nobody') return []
    if (reader === 'new') return [message]
    const { kind, to } = message
    if (kind === 'digest') return [{ kind, to, payload: this.#flatDigest(to, now) }]
    // The engine sends nothing but groups as deltas.
    const payload = flatDeltas(
      message.payload as unknown as readonly WireGroup[],
      this.#bytesMax(this.#options.deltaBytesMax),
    )
    return payload.length === 0 ? [] : [{ kind, to, payload }]
  }

  #receiveOldDigest(remote: SenderRef, json: JsonValue, now: number): void {
    this.#assertAccepted(remote)
    const digest = parseOldDigest(json, remote.id)
    const at = this.#momentOf(now)
    const peer = this.#engine.peer(remote.id)
    const record = this.#peers.at(remote.id, at)
    record.look(peer, at)
    const mine = digest.items.find((item) => item.id === this.#engine.id)
    record.claimOfMe = mine?.maxVersionSeen ?? record.claimOfMe
    const hasRestarted = (): boolean => peer !== undefined && record.noteClaim(digest.maxVersionSeen, peer, at)
    const life = this.#lifeOf(remote, record, at, hasRestarted)
    if (life === undefined) return
    const { clusterId, wallClockMs } = this.#options
    const standings = standingsOf(this.#engine, digest.items, wallClockMs())
    this.#engine.receiveDigest(remote, asJson([ownEntryOf(remote, life, 1, clusterId), ...standings]), now)
    this.#noteClaim(remote, record, digest.maxVersionSeen, at)
    const stranger = this.#introductions.choose(digest.items, (item) => this.#isStranger(item, now), at)
    if (stranger !== undefined) this.#engine.sendDigest(stranger, now)
  }

  #receiveFlatDeltas(remote: SenderRef, json: JsonValue, now: number): void {
    this.#assertAccepted(remote)
    const deltas = parseFlatDeltas(json, remote.id, this.#options.valueBytesMax)
    const peer = this.#engine.peer(remote.id)
    // Only a digest tells whether a node of ours has gone back to the old package.
    if (peer !== undefined && !peer.isOld) return
    const at = this.#momentOf(now)
    const record = this.#peers.at(remote.id, at)
    record.look(peer, at)
    const isReadable = peer !== undefined && record.isReadable
    const hasRestarted = (): boolean => isReadable && record.audit.isContradicted(peer.map, deltas, at)
    const life = this.#lifeOf(remote, record, at, hasRestarted)
    if (life === undefined) return
    const isNews = isReadable && life.generation === peer.generation && lastOf(deltas) > life.heldVersion
    this.#engine.receiveDigest(remote, asJson([ownEntryOf(remote, life, 2, this.#options.clusterId)]), now)
    if (isNews) this.#engine.receiveDeltas(remote, groupOf(peer, deltas.entries, record.audit.claimed), now)
    record.look(this.#engine.peer(remote.id), at)
  }

  /**
   * How far the present life of an old peer reaches, by its own word. A life begins with this, so that one without keys is
   * complete; what is said right after a restart may still be the former life's word.
   */
  #noteClaim(remote: SenderRef, record: OldPeer, version: number, at: Moment): void {
    const peer = this.#engine.peer(remote.id)
    record.look(peer, at)
    if (record.isUnsettled(at)) return
    record.audit.noteClaim(version)
    if (peer?.map.maxVersionSeen === 0) this.#engine.receiveDeltas(remote, groupOf(peer, [], version), at.now)
  }

  /** The life that a message of an old peer belongs to; undefined when it is to be ignored. */
  #lifeOf(remote: SenderRef, record: OldPeer, at: Moment, hasRestarted: () => boolean): OldLife | undefined {
    const peer = this.#engine.peer(remote.id)
    if (peer === undefined) return this.#firstLife(remote.id, record, at)
    if (!peer.isOld) return record.noteUnmarked() ? nextLife(peer, record, at) : undefined
    if (peer.transport !== undefined && !deepEqual(peer.transport, remote.transport)) {
      // What comes from elsewhere right after a restart is old news of the life before.
      return record.isUnsettled(at) ? undefined : nextLife(peer, record, at)
    }
    if (hasRestarted() || peer.heartbeat + 1 >= LEFT_HEARTBEAT) return nextLife(peer, record, at)
    const heartbeat = record.beat(at) ? peer.heartbeat + 1 : peer.heartbeat
    return { generation: peer.generation, heartbeat, heldVersion: peer.map.maxVersionSeen }
  }

  /** Of a retired peer the record remains, and only a higher generation overcomes it. */
  #firstLife(id: string, record: OldPeer, at: Moment): OldLife {
    record.beat(at)
    const removed = this.#engine.explain(id, at.now)
    const generation = removed === undefined ? FIRST_GENERATION : Math.min(removed.generation + 1, GENERATION_MAX)
    return { generation, heartbeat: 1, heldVersion: 0 }
  }

  #readerOf({ to, body }: OutMessage): Reader {
    const { isAccepted } = this.#options
    if (this.#greetings.takeOwed(to)) return 'new'
    const peer = to.id === undefined ? undefined : this.#engine.peer(to.id)
    const isOld = peer?.isOld === true || (to.id !== undefined && this.#peers.get(to.id) !== undefined)
    // A goodbye is none to an old peer, which would only take it for life.
    const isLeaving = body?.own.heartbeat === LEFT_HEARTBEAT
    if (isOld) return isAccepted && !isLeaving ? 'old' : 'nobody'
    // Deltas and step-2 digests answer a digest in the engine's dialect.
    if (!isAccepted || body?.step !== 1) return 'new'
    // A node of ours that is away may come back under the old package: only life shows that it has not.
    const isKnownNew = peer === undefined ? this.#isReachedAt(to) : peer.status === 'live'
    if (isKnownNew) return 'new'
    return isLeaving ? 'nobody' : 'either'
  }

  /** Whether a node of ours that is live is reached at a seed's address. */
  #isReachedAt({ transport }: PeerRef): boolean {
    return this.#engine.peers().some((peer) => {
      const isLiveNew = peer.status === 'live' && !peer.isOld
      return isLiveNew && peer.transport !== undefined && deepEqual(peer.transport, transport)
    })
  }

  #flatDigest(to: PeerRef, now: number): JsonValue {
    const peer = to.id === undefined ? undefined : this.#engine.peer(to.id)
    const record = to.id === undefined ? undefined : this.#peers.get(to.id)
    return this.#flatDigests.write({
      clusterId: this.#options.clusterId,
      claimOfMe: record?.claimOfMe ?? 0,
      reader: peer?.isOld === true && peer.isHopeful ? this.#asked(peer, this.#momentOf(now)) : undefined,
      bytesMax: this.#bytesMax(this.#options.digestBytesMax),
    })
  }

  #asked(peer: Peer, at: Moment): { peer: Peer; versionToAsk: number } {
    return { peer, versionToAsk: this.#peers.at(peer.id, at).versionToAsk(peer, at) }
  }

  #isStranger(item: OldItem, now: number): boolean {
    const { id, transport } = this.#engine
    if (item.id === id || item.transport === undefined || deepEqual(item.transport, transport)) return false
    return this.#engine.explain(item.id, now) === undefined
  }

  #assertAccepted(remote: SenderRef): void {
    if (!this.#options.isAccepted) throw refusal(remote)
    if (remote.id === this.#engine.id) throw new MalformedMessageError("an old peer has this node's own id", remote)
  }

  #bytesMax(bytesMax: number): number {
    return Math.min(bytesMax, this.#options.messageBytesMax ?? Number.POSITIVE_INFINITY)
  }

  #momentOf(now: number): Moment {
    return { now, rounds: this.#engine.stats.rounds }
  }
}

/** The life after the present one; undefined where no generation is left. */
function nextLife(peer: Peer, record: OldPeer, at: Moment): OldLife | undefined {
  record.beat(at)
  if (peer.generation >= GENERATION_MAX) return undefined
  return { generation: peer.generation + 1, heartbeat: 1, heldVersion: 0 }
}

function lastOf({ entries }: OldDeltas): number {
  return entries.at(-1)?.version ?? 0
}
