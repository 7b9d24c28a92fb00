/**
 * A cluster of real engines in virtual time, from one seed: the same seed and options give the same history, to the
 * byte. Faults come by hand or by chance; checkers look on and object to whatever must not happen.
 */

import type { JsonValue } from '../core/index.ts'
import { type Checker, createCheckers, disagreements, type Violation } from './checkers/index.ts'
import { draw } from './distribution.ts'
import { NotReachedError, SimulatedPeerError, ViolationError } from './errors.ts'
import { Chaos } from './faults/index.ts'
import { type Figures, Meter } from './measure/index.ts'
import {
  addressOf,
  type NetworkOptions,
  type PeerSpec,
  peerSpec,
  type ResolvedSimulationOptions,
  resolveConditions,
  resolveSimulationOptions,
  type SimulationOptions,
} from './options.ts'
import { processFactory } from './process-factory.ts'
import { RandomStreams } from './random-streams.ts'
import {
  type DiskFate,
  type Machine,
  type MachineStatus,
  Network,
  type NetworkStats,
  Trace,
  World,
} from './world/index.ts'

/** What a simulation has done so far. */
export interface SimulationStats extends Figures {
  /** Virtual time, in gossip intervals. */
  readonly rounds: number
  readonly network: Readonly<NetworkStats>
  /** Records in the history, and their fingerprint. */
  readonly traceRecords: number
  readonly traceHash: string
}

/** Rounds after which peace must have come, unless told otherwise. */
const SETTLE_ROUNDS_MAX = 1_000
/** How long a node that leaves waits for others to take note, in rounds. */
const LEAVE_ROUNDS = 3

/**
 * See the head of this file. Peers are named by their ids; a second process under one id by what `twin` returns.
 *
 * @throws {InvalidOptionError} the constructor, for an unknown, mistyped or out-of-range option
 */
export class Simulation {
  readonly #options: ResolvedSimulationOptions
  readonly #world: World
  readonly #streams: RandomStreams
  readonly #meter: Meter
  readonly #checkers: readonly Checker[]
  readonly #chaos: Chaos
  readonly #violations: Violation[] = []
  readonly #hasFirstGeneration: boolean
  readonly #diskRandom: () => number
  readonly #driftRandom: () => number
  #thrown = 0
  #nextRoundAt: number

  constructor(options?: SimulationOptions) {
    const resolved = resolveSimulationOptions(options)
    this.#options = resolved
    this.#streams = new RandomStreams(resolved.seed)
    this.#diskRandom = this.#streams.stream('disk')
    this.#driftRandom = this.#streams.stream('drift')
    this.#hasFirstGeneration = resolved.peers.some(({ isFirstGeneration }) => isFirstGeneration === true)
    this.#world = new World({
      network: new Network(resolved.conditions, resolved.encoding, this.#streams.stream('network')),
      trace: new Trace(resolved.trace),
      streams: this.#streams,
      createProcess: processFactory(resolved),
      leaveMs: LEAVE_ROUNDS * this.intervalMs,
    })
    this.#checkers =
      resolved.checks === 'off'
        ? []
        : createCheckers(this.#world, resolved.engine, (violation) => void this.#violations.push(violation))
    this.#meter = new Meter(this.#world, this.intervalMs)
    this.#world.observers.push(this.#meter)
    this.#nextRoundAt = this.intervalMs
    for (const peer of resolved.peers) this.#add(peer)
    this.#chaos = new Chaos(this.#world, resolved.faults, { ...this.#commands() }, this.#streams)
    this.#chaos.start()
    this.#throwViolations()
  }

  /** Virtual time, ms. */
  get now(): number {
    return this.#world.now
  }
  /** Length of a round, ms. */
  get intervalMs(): number {
    return this.#options.engine.gossipIntervalMs
  }
  /** Names of all peers that ever were, in the order they came. */
  get names(): readonly string[] {
    return [...this.#world.machines.keys()]
  }
  /** Fingerprint of everything that happened so far. */
  get traceHash(): string {
    return this.#world.trace.hash
  }
  /** Broken promises so far. */
  get violations(): readonly Violation[] {
    return this.#violations
  }
  get stats(): SimulationStats {
    const { trace, network } = this.#world
    const rounds = this.now / this.intervalMs
    const history = { traceRecords: trace.records, traceHash: trace.hash }
    return { ...this.#meter.figures, rounds, network: { ...network.stats }, ...history }
  }

  /** Whether a peer is up, down, leaves, or has left. */
  status(name: string): MachineStatus | 'leaving' {
    const { status, isLeaving } = this.#machine(name)
    return isLeaving ? 'leaving' : status
  }

  /** Whether a process has stopped because another one has its id. */
  isFrozen(name: string): boolean {
    return this.#up(name).running.isFrozen
  }

  /** What a reader sees of an owner's key; undefined when there is nothing. */
  get(reader: string, owner: string, key: string): JsonValue | undefined {
    return this.entries(reader, owner).get(key)
  }

  /** All a reader sees of an owner; of itself, what it wrote. */
  entries(reader: string, owner: string): ReadonlyMap<string, JsonValue> {
    const machine = this.#up(reader)
    const copy = machine.id === owner ? machine.running.own() : machine.running.copy(owner)
    const readable = copy?.readable(machine.localNow(this.now)) ?? []
    return new Map([...readable].map(({ key, value }) => [key, value]))
  }

  /** What a reader thinks of a peer: `live`, `dead`, `left` or `unproven`; undefined when it knows nothing of it. */
  opinion(reader: string, id: string): string | undefined {
    return this.#up(reader).running.peer(id)?.status
  }

  /** Writes a key of a peer; returns whether anything changed. */
  set(name: string, key: string, value: JsonValue, options: { readonly ttlMs?: number } = {}): boolean {
    return this.#do(() => this.#world.set(this.#up(name), key, value, options.ttlMs))
  }

  /** Deletes a key of a peer; returns whether there was one. */
  delete(name: string, key: string): boolean {
    return this.#do(() => this.#world.delete(this.#up(name), key))
  }

  /** A further peer comes. Its seed is the first peer unless it is told otherwise. */
  join(peer: string | PeerSpec): void {
    const spec = peerSpec(peer, 'peer')
    if (this.#world.machines.has(spec.id)) throw new SimulatedPeerError(spec.id, 'is there already: restart it')
    this.#do(() => this.#add(spec))
  }

  /** A peer says goodbye, waits a little for others to take note, and ends. */
  leave(name: string): void {
    this.#do(() => this.#world.leave(this.#up(name)))
  }

  /** A process ends without a word. `disk`: what the next one will find. @defaultValue 'kept' */
  crash(name: string, options: { readonly disk?: DiskFate } = {}): void {
    this.#do(() => this.#world.crash(this.#up(name), options.disk ?? 'kept', this.#diskRandom))
  }

  /** Starts a process again that crashed or left, with what its disk says. */
  restart(name: string): void {
    const machine = this.#machine(name)
    if (machine.status === 'up') throw new SimulatedPeerError(name, `is ${this.status(name)}`)
    this.#do(() => this.#world.start(machine))
  }

  /** Starts a second process under a peer's id elsewhere, with a copy of its disk; returns the name of its machine. */
  twin(name: string): string {
    const original = this.#machine(name)
    const twins = this.names.filter((other) => this.#machine(other).id === original.id).length
    const twin = `${original.id}#${twins + 1}`
    this.#do(() => {
      const machine = this.#place(twin, { id: original.id, isFirstGeneration: original.isFirstGeneration })
      machine.disk.copyFrom(original.disk)
      this.#world.disturb('twin', [name, twin])
      this.#world.start(machine)
    })
    return twin
  }

  /** Closes the way between two peers; with `oneWay` only from the first to the second. */
  cut(from: string, to: string, options: { readonly oneWay?: boolean } = {}): void {
    const { links } = this.#world.network
    links.cut(this.#machine(from).name, this.#machine(to).name)
    if (options.oneWay !== true) links.cut(to, from)
    this.#world.disturb('cut', [from, to], { oneWay: options.oneWay === true })
  }

  /** Opens the way between two peers again, both ways. */
  mend(from: string, to: string): void {
    const { links } = this.#world.network
    links.mend(from, to)
    links.mend(to, from)
    this.#world.disturb('mend', [from, to])
  }

  /** Parts the peers into groups that cannot reach each other; whoever is in no group reaches everybody. */
  partition(...groups: readonly (readonly string[])[]): void {
    for (const name of groups.flat()) this.#machine(name)
    this.#world.network.links.partition(groups)
    this.#world.disturb('partition', [], { groups })
  }

  /** Opens all ways again. */
  heal(): void {
    this.#world.network.links.heal()
    this.#world.disturb('heal', [])
  }

  /** A machine does nothing for a time; what arrives waits. */
  stall(name: string, ms: number): void {
    const machine = this.#up(name)
    this.#world.disturb('stalled', [name])
    this.#do(() => this.#world.stall(machine, ms))
    this.#world.at(this.now + ms, () => this.#world.disturb('woken', [name]))
  }

  /** A machine's wall clock jumps, forward or back. */
  jumpClock(name: string, ms: number): void {
    this.#machine(name).clock.wallErrorMs += ms
    this.#world.disturb('clock jump', [name], { ms })
  }

  /** Changes how the network behaves; what is not named stays. */
  setNetwork(conditions: Omit<NetworkOptions, 'encoding'>): void {
    const { network } = this.#world
    Object.assign(network.conditions, resolveConditions({ ...conditions }, network.conditions))
    this.#world.disturb('network', [], { ...conditions } as Readonly<Record<string, JsonValue>>)
  }

  /** Lets rounds pass: gossip intervals of virtual time. */
  runRounds(rounds: number): void {
    this.run(rounds * this.intervalMs)
  }

  /** Lets time pass. */
  run(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const next = Math.min(until, this.#nextRoundAt)
      this.#do(() => this.#world.run(next - this.now))
      if (this.now >= this.#nextRoundAt) {
        this.#nextRoundAt += this.intervalMs
        this.#meter.observeRound()
      }
      if (next === until) break
    }
  }

  /**
   * Lets rounds pass until something is true; looked at before the first and after each.
   *
   * @returns how many rounds it took
   * @throws {NotReachedError} it did not come true
   */
  runUntil(predicate: () => boolean, options: { readonly maxRounds: number }): number {
    for (let rounds = 0; ; rounds++) {
      if (predicate()) return rounds
      if (rounds >= options.maxRounds) throw new NotReachedError(rounds, [], this.#where())
      this.runRounds(1)
    }
  }

  /** Whether all peers that are up have each other's exact maps, and hold live exactly those that are up. */
  converged(): boolean {
    return disagreements(this.#world).length === 0
  }

  /** What keeps `converged` from being true, in words. */
  disagreements(): readonly string[] {
    return disagreements(this.#world)
  }

  /** Ends all faults: heals the network, stops chance, restarts nobody. */
  calm(): void {
    this.#chaos.stop()
    this.heal()
    const { latencyMs, reorderMs, maxMessageBytes } = this.#options.conditions
    const calm = { lossChance: 0, duplicateChance: 0, reorderChance: 0, corruptChance: 0 }
    this.setNetwork({ ...calm, latencyMs, reorderMs, maxMessageBytes })
  }

  /**
   * Ends all faults, and lets rounds pass until everybody agrees.
   *
   * @returns how many rounds it took
   * @throws {NotReachedError} a liveness violation: it names who still lacks what
   */
  settle(options: { readonly maxRounds?: number } = {}): number {
    const maxRounds = options.maxRounds ?? SETTLE_ROUNDS_MAX
    this.calm()
    for (let rounds = 0; ; rounds++) {
      const missing = disagreements(this.#world)
      if (missing.length === 0) return rounds
      if (rounds >= maxRounds) throw new NotReachedError(rounds, missing, this.#where())
      this.runRounds(1)
    }
  }

  /**
   * Looks at everything once more.
   *
   * @throws {ViolationError} a promise is broken, now or earlier
   */
  check(): void {
    for (const checker of this.#checkers) checker.sweep?.()
    if (this.#violations.length > 0) throw new ViolationError(this.#violations, this.#where())
  }

  #add(spec: PeerSpec): void {
    this.#world.start(this.#place(spec.id, spec))
  }

  #place(name: string, spec: PeerSpec): Machine {
    const first = this.#options.peers[0]?.id ?? this.names[0]
    const seeds = (spec.seeds ?? (first === undefined ? [] : [first])).filter((seed) => seed !== name)
    return this.#world.add({
      name,
      id: spec.id,
      address: addressOf(name, this.#hasFirstGeneration),
      seeds: seeds.map((seed) => addressOf(seed, this.#hasFirstGeneration)),
      isFirstGeneration: spec.isFirstGeneration === true,
      drift: draw(this.#options.drift, this.#driftRandom),
    })
  }

  #machine(name: string): Machine {
    const machine = this.#world.machines.get(name)
    if (machine === undefined) throw new SimulatedPeerError(name, `is unknown; there are ${this.names.join(', ')}`)
    return machine
  }

  #up(name: string): Machine {
    const machine = this.#machine(name)
    if (machine.status !== 'up') throw new SimulatedPeerError(name, `is ${machine.status}, not up`)
    return machine
  }

  /** Everything that moves the world, followed by a look at what the checkers have to say. */
  #do<T>(act: () => T): T {
    const result = act()
    this.#throwViolations()
    return result
  }

  #throwViolations(): void {
    if (this.#options.checks !== 'throw' || this.#violations.length === this.#thrown) return
    const found = this.#violations.slice(this.#thrown)
    this.#thrown = this.#violations.length
    throw new ViolationError(found, this.#where())
  }

  #where(): string {
    return `seed ${this.#options.seed}, ${this.now.toFixed(3)} ms, trace ${this.traceHash} after ${this.#world.trace.records} records`
  }

  #commands(): ConstructorParameters<typeof Chaos>[2] {
    const { maxMessageBytes } = this.#options.conditions
    return {
      up: () =>
        this.names.filter((name) => {
          const { status, isLeaving, id } = this.#machine(name)
          return status === 'up' && !isLeaving && id === name
        }),
      cut: (from, to) => this.cut(from, to, { oneWay: true }),
      mend: (from, to) => this.mend(from, to),
      partition: (...parts) => this.partition(...parts),
      unite: () => {
        this.#world.network.links.unite()
        this.#world.disturb('unite', [])
      },
      crash: (name, options) => this.#world.crash(this.#up(name), options.disk, this.#diskRandom),
      restart: (name) => this.#world.start(this.#machine(name)),
      stall: (name, ms) => this.stall(name, ms),
      jumpClock: (name, ms) => this.jumpClock(name, ms),
      limitMessages: (bytes) => this.setNetwork({ maxMessageBytes: bytes ?? maxMessageBytes }),
      corrupt: (chance) => this.setNetwork({ corruptChance: chance }),
      twin: (name) => this.twin(name),
    }
  }
}
