/**
 * A cluster of real engines in virtual time, from one seed: the same seed and options give the same history, to the
 * byte. Faults come by hand or by chance; checkers look on and object to whatever must not happen.
 */

import type { JsonValue } from '../core/index.ts'
import { type Checker, createCheckers, disagreements, type Violation } from './checkers/index.ts'
import { clockJumpMs, durationMs, leaseMs, roundsMax } from './command-rules.ts'
import { draw } from './distribution.ts'
import { NotReachedError, SimulatedPeerError } from './errors.ts'
import { Chaos, type Commands } from './faults/index.ts'
import { Meter } from './measure/index.ts'
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
import type { SimulationStats } from './stats.ts'
import { Verdicts } from './verdicts.ts'
import { type DiskFate, type Machine, type MachineStatus, Network, Trace, World } from './world/index.ts'

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
  readonly #verdicts: Verdicts
  readonly #hasFirstGeneration: boolean
  readonly #diskRandom: () => number
  readonly #driftRandom: () => number
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
    this.#verdicts = new Verdicts(resolved.checks === 'throw')
    this.#checkers =
      resolved.checks === 'off'
        ? []
        : createCheckers(this.#world, resolved.engine, (violation) => this.#verdicts.take(violation))
    this.#meter = new Meter(this.#world, this.intervalMs)
    this.#world.observers.push(this.#meter)
    this.#nextRoundAt = this.intervalMs
    for (const peer of resolved.peers) this.#add(peer)
    this.#chaos = new Chaos(this.#world, resolved.faults, this.#commands(), this.#streams)
    this.#chaos.start()
    this.#verdicts.throwNew(() => this.#where())
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
    return this.#verdicts.all
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

  /**
   * Writes a key of a peer; returns whether anything changed.
   *
   * @throws {GossipError} what the node itself refuses: no JSON, too large, or it has stopped
   */
  set(name: string, key: string, value: JsonValue, options: { readonly ttlMs?: number } = {}): boolean {
    const ttlMs = leaseMs(options.ttlMs)
    return this.#do(() => this.#world.set(this.#up(name), key, value, ttlMs))
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
    return this.#do(() => this.#twin(original))
  }

  /** Closes the way between two peers; with `oneWay` only from the first to the second. */
  cut(from: string, to: string, options: { readonly oneWay?: boolean } = {}): void {
    const { links } = this.#world.network
    links.cut(this.#machine(from).name, this.#machine(to).name)
    if (options.oneWay !== true) links.cut(to, from)
    this.#world.disturb('cut', [from, to], { oneWay: options.oneWay === true })
  }

  /** Opens the way between two peers again, both ways; with `oneWay` only from the first to the second. */
  mend(from: string, to: string, options: { readonly oneWay?: boolean } = {}): void {
    const { links } = this.#world.network
    links.mend(this.#machine(from).name, this.#machine(to).name)
    if (options.oneWay !== true) links.mend(to, from)
    this.#world.disturb('mend', [from, to], { oneWay: options.oneWay === true })
  }

  /** Parts the peers into groups that cannot reach each other; whoever is in no group reaches everybody. */
  partition(...groups: readonly (readonly string[])[]): void {
    const names = groups.flat().map((name) => this.#machine(name).name)
    const twice = names.find((name, index) => names.indexOf(name) < index)
    if (twice !== undefined) throw new SimulatedPeerError(twice, 'is in two groups')
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
    this.#world.stall(this.#up(name), durationMs('ms', ms))
  }

  /** A machine's wall clock jumps, forward or back. */
  jumpClock(name: string, ms: number): void {
    this.#machine(name).clock.wallErrorMs += clockJumpMs(ms)
    this.#world.disturb('clock jump', [name], { ms })
  }

  /** Changes how the network behaves; what is not named stays. */
  setNetwork(conditions: Omit<NetworkOptions, 'encoding'>): void {
    const { network } = this.#world
    Object.assign(network.conditions, resolveConditions(conditions, network.conditions))
    this.#world.disturb('network', [], { ...conditions } as Readonly<Record<string, JsonValue>>)
  }

  /** Lets rounds pass: gossip intervals of virtual time. */
  runRounds(rounds: number): void {
    this.run(durationMs('rounds', rounds) * this.intervalMs)
  }

  /** Lets time pass. */
  run(ms: number): void {
    const until = this.now + durationMs('ms', ms)
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
    return this.#await(() => (predicate() ? undefined : []), options.maxRounds)
  }

  /** Whether all peers that are up have each other's exact maps, and hold live exactly those that are up. */
  converged(): boolean {
    return disagreements(this.#world).length === 0
  }

  /** What keeps `converged` from being true, in words. */
  disagreements(): readonly string[] {
    return disagreements(this.#world)
  }

  /**
   * Ends all faults: undoes what chance did, stops chance, heals the network, wakes whoever stalls. Whoever was crashed
   * by hand stays down, a second process that was started by hand stays up, and clocks stay as wrong as they are.
   */
  calm(): void {
    this.#do(() => this.#chaos.stop())
    for (const machine of this.#world.machines.values()) this.#do(() => this.#world.wake(machine))
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
    const maxRounds = roundsMax(options.maxRounds ?? SETTLE_ROUNDS_MAX)
    this.calm()
    return this.#await(() => {
      const missing = disagreements(this.#world)
      return missing.length === 0 ? undefined : missing
    }, maxRounds)
  }

  /**
   * Looks at everything once more.
   *
   * @throws {ViolationError} a promise is broken, now or earlier
   */
  check(): void {
    for (const checker of this.#checkers) checker.sweep?.()
    this.#verdicts.throwAll(() => this.#where())
  }

  /** Lets rounds pass until nothing is missing; returns how many. */
  #await(missing: () => readonly string[] | undefined, max: number): number {
    const maxRounds = roundsMax(max)
    for (let rounds = 0; ; rounds++) {
      const lines = missing()
      if (lines === undefined) return rounds
      if (rounds >= maxRounds) throw new NotReachedError(rounds, lines, this.#where())
      this.runRounds(1)
    }
  }

  #twin(original: Machine): string {
    const { id, isFirstGeneration } = original
    let number = 2
    while (this.#world.machines.has(`${id}#${number}`)) number++
    const twin = `${id}#${number}`
    const machine = this.#place(twin, { id, isFirstGeneration })
    machine.disk.copyFrom(original.disk)
    this.#world.disturb('twin', [original.name, twin])
    this.#world.start(machine)
    return twin
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
    this.#verdicts.throwNew(() => this.#where())
    return result
  }

  #where(): string {
    return `seed ${this.#options.seed}, ${this.now.toFixed(3)} ms, trace ${this.traceHash} after ${this.#world.trace.records} records`
  }

  /** What chance may do. It leaves violations to whoever lets time pass: thrown here, they would end its kind of fault. */
  #commands(): Commands {
    const { maxMessageBytes, corruptChance } = this.#options.conditions
    return {
      up: () =>
        this.names.filter((name) => {
          const { status, isLeaving, id } = this.#machine(name)
          return status === 'up' && !isLeaving && id === name
        }),
      cut: (from, to) => this.cut(from, to, { oneWay: true }),
      mend: (from, to) => this.mend(from, to, { oneWay: true }),
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
      corrupt: (chance) => this.setNetwork({ corruptChance: chance ?? corruptChance }),
      twin: (name) => this.#twin(this.#machine(name)),
    }
  }
}
