/**
 * A cluster of first-generation nodes, and of ours where asked for, in virtual time. Whether the old ones are the real package or
 * the model is an argument, and everything that happens is written down: two runs that differ in nothing else have to
 * leave the same trace. Nodes and network share one stream of chance, so one draw out of turn changes all that follows.
 */

import { EventEmitter } from 'node:events'
import { Gossipmonger, type JsonValue, type PeerRef, type SenderRef, type System } from '../../../src/core/index.ts'
import type { FirstGenerationSetup } from '../../../src/sim/first-generation/index.ts'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'
import type { OldPeer } from './real-peer.ts'

type Kind = 'digest' | 'deltas'

interface Life {
  readonly id: string
  readonly receive: (kind: Kind, sender: SenderRef, payload: JsonValue) => void
  readonly set: (key: string, value: JsonValue) => void
  /** What it knows, as text; nothing for a node of ours, which is seen by its messages. */
  readonly shown: () => string
  isOver: boolean
}

/** Where virtual time starts on the wall clock, ms. */
const EPOCH_MS = 1_700_000_000_000

/** Drives both kinds; time only moves in `run`. */
export class OldCluster {
  readonly trace: string[] = []
  lossChance = 0
  passes: (from: string, to: string) => boolean = () => true
  readonly #time: VirtualCluster
  readonly #makeOld: (setup: FirstGenerationSetup) => OldPeer
  readonly #lives = new Map<string, Life>()

  constructor(seed: number, makeOld: (setup: FirstGenerationSetup) => OldPeer) {
    this.#time = new VirtualCluster(seed)
    this.#makeOld = makeOld
  }

  /** Starts a first-generation node, in place of whatever has its id. */
  addOld(id: string, seeds: readonly string[], deltasMax = 5): void {
    this.crash(id)
    const seedRefs = seeds.map((seed) => ({ id: seed, transport: addressOf(seed) }))
    const { random } = this.#time
    const peer = this.#makeOld({ id, transport: addressOf(id), seeds: seedRefs, random, deltasMax })
    const life: Life = {
      id,
      isOver: false,
      receive: (kind, sender, payload) => {
        if (kind === 'digest') peer.receiveDigest(sender, payload, this.#wallMs)
        else peer.receiveDeltas(sender, payload, this.#wallMs)
        this.#look(life, peer)
      },
      set: (key, value) => peer.set(key, value),
      shown: () => JSON.stringify([peer.peers(), [id, ...this.#lives.keys()].map((of) => [...peer.entries(of)])]),
    }
    this.#lives.set(id, life)
    peer.start(this.#wallMs)
    this.#look(life, peer)
  }

  /** Starts a node of ours, in place of whatever has its id. */
  addNew(id: string, seeds: readonly string[]): void {
    this.crash(id)
    const events = new EventEmitter()
    const life: Life = {
      id,
      isOver: false,
      receive: (kind, sender, payload) => void events.emit(kind, sender, payload),
      set: (key, value) => void node.set(key, value),
      shown: () => '',
    }
    const send = (kind: Kind) => (to: PeerRef, _local: SenderRef, payload: JsonValue) =>
      this.#send(life, to, kind, payload)
    const transport = {
      address: addressOf(id),
      digest: send('digest'),
      deltas: send('deltas'),
      on: events.on.bind(events),
      off: events.off.bind(events),
    }
    const seedRefs = seeds.map((seed) => ({ transport: addressOf(seed) }))
    const node = new Gossipmonger(
      { id },
      { transport, seeds: seedRefs, acceptOldPeers: true, system: this.#system(life) },
    )
    node.on('error', (error) => this.trace.push(`${id} ${error.message}`))
    this.#lives.set(id, life)
    void node.start()
  }

  /** Ends a node without a word. */
  crash(id: string): void {
    const life = this.#lives.get(id)
    if (life === undefined) return
    life.isOver = true
    this.#lives.delete(id)
  }

  set(id: string, key: string, value: JsonValue): void {
    this.#lives.get(id)?.set(key, value)
  }

  /** Lets time pass, writing down every second what each old node knows. */
  run(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.#time.run(1_000)
      for (const life of this.#lives.values()) this.trace.push(`${this.#time.now} ${life.id} ${life.shown()}`)
    }
  }

  get #wallMs(): number {
    return EPOCH_MS + this.#time.now
  }

  /** Sends what a node has left, and wakes it when it wants to be woken. */
  #look(life: Life, peer: OldPeer): void {
    for (const { kind, to, payload } of peer.takeMessages()) this.#send(life, to, kind, payload)
    const at = peer.deadline
    this.#time.at(at - EPOCH_MS, () => {
      if (life.isOver || peer.deadline !== at) return
      peer.tick(this.#wallMs)
      this.#look(life, peer)
    })
  }

  #send(from: Life, to: PeerRef, kind: Kind, payload: JsonValue): void {
    if (from.isOver) return
    const text = JSON.stringify(payload)
    const sender = { id: from.id, transport: addressOf(from.id) }
    const target = (to.transport as { host: string }).host
    this.trace.push(`${this.#time.now} ${from.id} ${kind} ${JSON.stringify(to)} ${text}`)
    if (this.#time.random() < this.lossChance) return
    const delayMs = 1 + Math.floor(40 * this.#time.random())
    this.#time.at(this.#time.now + delayMs, () => {
      const there = this.#lives.get(target)
      if (there !== undefined && this.passes(from.id, target))
        there.receive(kind, sender, JSON.parse(text) as JsonValue)
    })
  }

  #system(life: Life): System {
    return {
      now: () => this.#time.now,
      wallClockMs: () => this.#wallMs,
      random: this.#time.random,
      startTimer: (callback, delayMs) => {
        let isCancelled = false
        this.#time.at(this.#time.now + delayMs, () => {
          if (!isCancelled && !life.isOver) callback()
        })
        return () => {
          isCancelled = true
        }
      },
    }
  }
}

function addressOf(id: string): JsonValue {
  return { host: id, port: 1 }
}
