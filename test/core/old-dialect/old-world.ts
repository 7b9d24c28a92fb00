/**
 * One node of ours among old peers that are played by the test, message by message: an engine, the old dialect before
 * it, and a clock that moves when it is told to.
 */

import { Engine, type JsonValue, type OutMessage, resolveEngineOptions } from '../../../src/core/index.ts'
import { OldDialect, type OldDialectOptions } from '../../../src/core/old-dialect/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

/** What a test may say of its node. */
export interface OldWorldOptions extends Partial<OldDialectOptions> {
  readonly id?: string
  readonly generation?: number
  readonly seeds?: readonly JsonValue[]
}

/** A delta as an old peer writes it, without its id. */
export type Delta = readonly [key: string, value: JsonValue, version: number]

/** The wall clock when engine time is 0, ms. */
export const EPOCH_MS = 1_700_000_000_000
/** A generation as a node takes it that starts at engine time 0. */
export const GENERATION: number = EPOCH_MS * 1_024 + 7

/** The address of an old peer. */
export function addressOf(id: string): JsonValue {
  return { host: id, port: 9742 }
}

/** Drives one node. */
export class OldWorld {
  now = 0
  readonly engine: Engine
  readonly dialect: OldDialect
  readonly #errors: string[] = []
  #sent: OutMessage[] = []

  constructor(options: OldWorldOptions = {}) {
    const { id = 'me', generation = GENERATION, seeds = [] } = options
    const engineOptions = resolveEngineOptions({ seeds })
    this.engine = new Engine({ id, generation, options: engineOptions, random: seededRandom(1) })
    this.dialect = new OldDialect(this.engine, {
      ...engineOptions,
      isAccepted: true,
      messageBytesMax: undefined,
      wallClockMs: () => EPOCH_MS + this.now,
      ...options,
    })
    this.engine.start({ generation, transport: addressOf(id) }, this.now)
    this.#collect()
  }

  /** What was sent since the last call, as it really leaves. */
  get sent(): readonly OutMessage[] {
    const sent = this.#sent
    this.#sent = []
    return sent
  }

  /** Codes of the errors told since the last call. */
  get errors(): readonly string[] {
    return this.#errors.splice(0)
  }

  /** Lets time pass, a round a second. */
  pass(ms: number): void {
    this.#collect()
    for (const end = this.now + ms; this.now < end; ) {
      this.now += Math.min(1_000, end - this.now)
      this.engine.gossip(this.now)
      this.#collect()
    }
  }

  /** A digest of an old peer: its own version, and those it lists of others. */
  hearDigest(
    id: string,
    version: number,
    listed: Readonly<Record<string, number>> = {},
    address: JsonValue = addressOf(id),
  ): void {
    const others = Object.entries(listed).map(([other, maxVersionSeen]) => ({
      id: other,
      maxVersionSeen,
      transport: addressOf(other),
    }))
    this.hear('digest', id, [...others, { id, maxVersionSeen: version, transport: address }], address)
  }

  /** Flat deltas of an old peer about itself. */
  hearDeltas(id: string, deltas: readonly Delta[], address: JsonValue = addressOf(id)): void {
    const payload = deltas.map((delta) => [id, ...delta])
    this.hear('deltas', id, payload, address)
  }

  /** Any message. */
  hear(kind: 'digest' | 'deltas', id: string, payload: JsonValue, address: JsonValue = addressOf(id)): void {
    const remote = { id, transport: address }
    const copy = JSON.parse(JSON.stringify(payload)) as JsonValue
    if (kind === 'digest') {
      if (!this.dialect.receiveDigest(remote, copy, this.now)) this.engine.receiveDigest(remote, copy, this.now)
    } else if (!this.dialect.receiveDeltas(remote, copy, this.now)) this.engine.receiveDeltas(remote, copy, this.now)
    this.#collect()
  }

  /** Makes an old peer known and live, past the time in which a new node reads nothing. */
  meet(id: string, version = 0): void {
    this.hearDigest(id, version)
    this.pass(6_000)
    this.hearDigest(id, version)
    this.pass(1_000)
    void this.sent
  }

  /** A digest of another node of ours. */
  hearNew(id: string, items: readonly JsonValue[] = [], own: Readonly<Record<string, JsonValue>> = {}): void {
    const facts = {
      id,
      maxVersionSeen: 1,
      gcVersion: 1,
      generation: GENERATION + 5,
      heartbeat: 1,
      transport: addressOf(id),
    }
    this.hear('digest', id, [{ ...facts, clusterId: 'gossipmonger', step: 1, ...own }, ...items])
  }

  /** What this node reads of a peer. */
  read(id: string): Readonly<Record<string, JsonValue>> {
    return Object.fromEntries(this.engine.readAll(id, this.now).map(({ key, value }) => [key, value]))
  }

  /** The version at which a peer is listed to itself in the digest that is sent to it next. */
  versionAsked(id: string): number | undefined {
    void this.sent
    this.engine.sendDigest({ id, transport: addressOf(id) }, this.now)
    this.#collect()
    const digest = this.sent.find((message) => message.to.id === id)?.payload as readonly Record<string, JsonValue>[]
    return digest?.find((item) => item['id'] === id)?.['maxVersionSeen'] as number | undefined
  }

  #collect(): void {
    for (const event of this.engine.takeEvents()) {
      if (event.type === 'error') this.#errors.push((event.error as { code?: string }).code ?? event.error.message)
    }
    for (const message of this.engine.takeMessages()) this.#sent.push(...this.dialect.translate(message, this.now))
  }
}
