/**
 * The real package with the face of its model, so that one test can drive both: the package's timers become a
 * deadline, what its real TCP transport would write becomes messages. Nothing of its behaviour is repeated here.
 */

import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { JsonValue, PeerRef, SenderRef } from '../../../src/core/index.ts'
import type {
  FirstGenerationMessage,
  FirstGenerationPeer,
  FirstGenerationSetup,
} from '../../../src/sim/first-generation/index.ts'
import { loadOldPackage, type OldPackageNode, type OldPackagePeer } from '../../harness/old-package.ts'

/** What both have. */
export type OldPeer = Pick<
  FirstGenerationPeer,
  | 'id'
  | 'transport'
  | 'set'
  | 'start'
  | 'tick'
  | 'deadline'
  | 'receiveDigest'
  | 'receiveDeltas'
  | 'takeMessages'
  | 'entries'
  | 'peers'
>

type Send = (this: unknown, to: PeerRef, local: SenderRef, payload: unknown) => void

interface TcpMethods {
  readonly digest: Send
  readonly deltas: Send
  readonly rpc: (this: unknown, to: PeerRef, payload: unknown) => void
}

const { prototype: tcp } = createRequire(import.meta.url)('gossipmonger-tcp-transport') as { prototype: TcpMethods }

/** A node of gossipmonger 0.1.10 that listens to no errors, as a program that only requires it does. */
export class RealPeer implements OldPeer {
  readonly id: string
  readonly transport: JsonValue
  readonly #node: OldPackageNode
  readonly #wire = new EventEmitter()
  readonly #timers = new Map<number, { at: number; callback: () => void }>()
  #timersMade = 0
  #nowMs = 0
  #outbox: FirstGenerationMessage[] = []

  constructor({ id, transport, seeds, random, gossipIntervalMs, deltasMax }: FirstGenerationSetup) {
    this.id = id
    this.transport = transport
    const RealGossipmonger = loadOldPackage({
      now: () => this.#nowMs,
      random,
      setTimeout: (callback, delayMs) => this.#startTimer(callback, delayMs),
      clearTimeout: (timer) => this.#timers.delete(timer as number),
    })
    Object.assign(this.#wire, { digest: tcp.digest, deltas: tcp.deltas, rpc: this.#rpc.bind(this) })
    this.#node = new RealGossipmonger(
      { id, transport },
      {
        transport: this.#wire,
        seeds: seeds.map((seed) => throughText(seed) as { id?: string; transport: JsonValue }),
        ...(gossipIntervalMs === undefined ? {} : { GOSSIP_INTERVAL: gossipIntervalMs }),
        ...(deltasMax === undefined ? {} : { MAX_DELTAS_PER_GOSSIP: deltasMax }),
      },
    )
  }

  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#timers.values()].map(({ at }) => at))
  }

  start(nowMs: number): void {
    this.#nowMs = nowMs
    this.#startTimer(() => this.#node.gossip(), 0)
  }

  set(key: string, value: JsonValue): void {
    this.#node.update(key, value)
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs
    for (const [timer, { at, callback }] of [...this.#timers]) {
      if (at > nowMs) continue
      this.#timers.delete(timer)
      callback()
    }
  }

  receiveDigest(remote: SenderRef, digest: JsonValue, nowMs: number): void {
    this.#nowMs = nowMs
    this.#wire.emit('digest', throughText(remote), throughText(digest))
  }

  receiveDeltas(remote: SenderRef, deltas: JsonValue, nowMs: number): void {
    this.#nowMs = nowMs
    this.#wire.emit('deltas', throughText(remote), throughText(deltas))
  }

  takeMessages(): readonly FirstGenerationMessage[] {
    const messages = this.#outbox
    this.#outbox = []
    return messages
  }

  entries(peerId: string): ReadonlyMap<string, { value: JsonValue; version: number }> {
    const peer = peerId === this.id ? this.#node.localPeer : this.#stored()[peerId]
    const held = Object.entries(peer?.data ?? {}).filter(([, entry]) => Array.isArray(entry))
    return new Map(held.map(([key, [value, version]]) => [key, { value: value ?? null, version: numberOf(version) }]))
  }

  peers(): readonly { id: string; isLive: boolean; maxVersionSeen: number }[] {
    const live = new Set(this.#node.storage.livePeers())
    return Object.entries(this.#stored()).map(([id, peer]) => {
      return { id, isLive: live.has(peer), maxVersionSeen: numberOf(peer.maxVersionSeen) }
    })
  }

  /** What its storage keeps, without what the object that keeps it inherits. */
  #stored(): Record<string, OldPackagePeer> {
    const { storage } = this.#node.storage as unknown as { storage: Record<string, OldPackagePeer> }
    return Object.fromEntries(Object.entries(storage))
  }

  #startTimer(callback: () => void, delayMs: number): number {
    const timer = ++this.#timersMade
    this.#timers.set(timer, { at: this.#nowMs + delayMs, callback })
    return timer
  }

  /** Stands where the transport dials; without an address the transport's own code decides what happens. */
  #rpc(to: PeerRef, payload: unknown): void {
    if (!to.transport) return tcp.rpc.call(this.#wire, to, payload)
    const message = throughText(payload) as { digest?: JsonValue; deltas?: JsonValue; sender: SenderRef }
    const { id, transport } = message.sender
    if (id !== this.id || JSON.stringify(transport) !== JSON.stringify(this.transport)) throw new Error('wrong sender')
    const kind = message.deltas === undefined ? 'digest' : 'deltas'
    const address = throughText({ id: to.id, transport: to.transport }) as PeerRef
    this.#outbox.push({ kind, to: address, payload: message[kind] as JsonValue })
  }
}

/** Nodes can be made to hold lists and objects as versions. */
function numberOf(version: unknown): number {
  return typeof version === 'object' ? Number.NaN : Number(version)
}

function throughText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
