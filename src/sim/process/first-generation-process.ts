/** A process that runs a peer of the first generation. It knows no generations, no deletions and no goodbyes. */

import type { EngineEvent, JsonValue, OutMessage } from '../../core/index.ts'
import { FirstGenerationPeer } from '../first-generation/index.ts'
import type { Arrival, Copy, PeerFacts, Process, ProcessSetup, ReadableEntry, RemovalFacts } from './process.ts'

/** Its clock is a date, and must be above 0. */
const EPOCH_MS = 1_700_000_000_000

/** Drives a `FirstGenerationPeer`. A message that would end the real package ends the simulation with an error. */
export class FirstGenerationProcess implements Process {
  readonly kind = 'first generation'
  readonly generation = 0
  readonly isFrozen = false
  readonly #peer: FirstGenerationPeer
  #events: EngineEvent[] = []

  constructor(setup: ProcessSetup, options: { readonly gossipIntervalMs: number }) {
    const { id, address, random } = setup
    const seeds = setup.seeds.map((transport) => ({ transport }))
    this.#peer = new FirstGenerationPeer({ id, transport: address, seeds, random, ...options })
  }

  get id(): string {
    return this.#peer.id
  }
  get deadline(): number {
    return this.#peer.deadline - EPOCH_MS
  }

  start(now: number): void {
    this.#peer.start(EPOCH_MS + now)
  }

  tick(now: number): void {
    this.#peer.tick(EPOCH_MS + now)
  }

  receive({ kind, sender, payload }: Arrival, now: number): void {
    if (kind === 'digest') this.#peer.receiveDigest(sender, payload, EPOCH_MS + now)
    else this.#peer.receiveDeltas(sender, payload, EPOCH_MS + now)
  }

  set(key: string, value: JsonValue): boolean {
    this.#peer.set(key, value)
    return true
  }

  /** The nearest it has to a deletion. */
  delete(key: string): boolean {
    const wasThere = (this.#peer.entries(this.id).get(key)?.value ?? null) !== null
    if (wasThere) this.#peer.set(key, null)
    return wasThere
  }

  /** It goes without a word. */
  leave(): void {
    this.#events.push({ type: 'leave taken' })
  }

  end(): void {
    this.#events = []
  }

  takeWritten(): boolean {
    return false
  }

  takeMessages(): readonly OutMessage[] {
    return this.#peer.takeMessages()
  }

  takeEvents(): readonly EngineEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  own(): Copy {
    return this.#copyOf(this.id)
  }

  *peers(): Generator<PeerFacts, undefined> {
    for (const { id, isLive } of this.#peer.peers()) {
      if (id !== this.id) yield { id, status: isLive ? 'live' : 'dead', generation: 0, heartbeat: 0 }
    }
    return undefined
  }

  peer(id: string): PeerFacts | undefined {
    return [...this.peers()].find((peer) => peer.id === id)
  }

  removal(): RemovalFacts | undefined {
    return undefined
  }

  copy(id: string): Copy | undefined {
    return this.peer(id) === undefined ? undefined : this.#copyOf(id)
  }

  #copyOf(id: string): Copy {
    const entries = (): ReadableEntry[] =>
      [...this.#peer.entries(id)].map(([key, { value }]) => ({ key, value, version: undefined }))
    return {
      generation: 0,
      gcVersion: 0,
      maxVersionSeen: 0,
      hash: '',
      isStale: false,
      readable: entries,
      read: (key) => entries().find((entry) => entry.key === key),
      held: () => undefined,
    }
  }
}
