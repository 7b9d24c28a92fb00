/** A process that runs the bare engine: the fastest, and the one of which everything can be seen. */

import {
  Engine,
  type EngineEvent,
  type JsonValue,
  type OutMessage,
  type ResolvedEngineOptions,
} from '../../core/index.ts'
import { MapCopy } from './map-copy.ts'
import type { Arrival, Copy, PeerFacts, Process, ProcessSetup, RemovalFacts } from './process.ts'

/** Drives an `Engine`. */
export class EngineProcess implements Process {
  readonly kind = 'engine'
  readonly #engine: Engine
  readonly #address: JsonValue

  /** @param options - with this process's seeds in them */
  constructor(setup: ProcessSetup, options: ResolvedEngineOptions) {
    const { id, generation, random, messageBytesMax, address } = setup
    this.#engine = new Engine({ id, generation, options, random, messageBytesMax })
    this.#address = address
  }

  get id(): string {
    return this.#engine.id
  }
  get generation(): number {
    return this.#engine.generation
  }
  get deadline(): number {
    return this.#engine.deadline
  }
  get isFrozen(): boolean {
    return this.#engine.isFrozen
  }

  start(now: number): void {
    this.#engine.start({ generation: this.#engine.generation, transport: this.#address }, now)
  }

  tick(now: number): void {
    this.#engine.tick(now)
  }

  receive(arrival: Arrival, now: number): void {
    const { kind, sender, body } = arrival
    if (body !== undefined) this.#engine.receiveDigestBody(sender, body, now)
    else if (kind === 'digest') this.#engine.receiveDigest(sender, arrival.payload, now)
    else this.#engine.receiveDeltas(sender, arrival.payload, now)
  }

  set(key: string, value: JsonValue, ttlMs: number | undefined, now: number): boolean {
    return this.#engine.set(key, value, { ttlMs }, now)
  }

  delete(key: string, now: number): boolean {
    return this.#engine.delete(key, now)
  }

  leave(now: number): void {
    this.#engine.leave(now)
  }

  end(): void {
    this.#engine.stop()
  }

  takeWritten(): boolean {
    return false
  }

  takeMessages(): readonly OutMessage[] {
    return this.#engine.takeMessages()
  }

  takeEvents(): readonly EngineEvent[] {
    return this.#engine.takeEvents()
  }

  own(): Copy {
    return new MapCopy(this.#engine.ownMap)
  }

  peers(): Iterable<PeerFacts> {
    return this.#engine.peers()
  }

  peer(id: string): PeerFacts | undefined {
    return this.#engine.peer(id)
  }

  removal(id: string): RemovalFacts | undefined {
    const explanation = this.#engine.explain(id, 0)
    return explanation?.status === 'removed' ? explanation : undefined
  }

  copy(id: string): Copy | undefined {
    const peer = this.#engine.peer(id)
    return peer === undefined ? undefined : new MapCopy(peer.map)
  }
}
