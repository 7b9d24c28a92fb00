/** Runs a scenario of messages, streams, services, pairs and rings in virtual time: its steps, then peace, then the end. */

import type { GossipmongerOptions } from '../../core/index.ts'
import type { MessengerOptions } from '../../messaging/index.ts'
import { NotReachedError, ViolationError } from '../errors.ts'
import type { TraceSink } from '../world/index.ts'
import type { CheckPorts, ServiceCheck } from './check.ts'
import {
  PairsCheck,
  RequestsCheck,
  RingsCheck,
  SendsCheck,
  ServicesCheck,
  SessionsCheck,
  StreamsCheck,
} from './checks/index.ts'
import { Journal, type ServiceFigures } from './journal.ts'
import type { ServiceLife } from './life.ts'
import { MEETING_MS, type ServiceScenario, type ServiceStep } from './scenario.ts'
import { ServiceCluster } from './service-cluster.ts'
import { VirtualTime } from './virtual-time.ts'

/** What an embedder's own code gets of each life. */
export interface ServiceDoor {
  readonly life: ServiceLife
  /** Says that a promise of his is broken: the run fails. */
  object(problem: string): void
  /** The run fails unless this settles before its end. */
  follow(what: string, work: Promise<unknown>): void
}

/** How to run it. */
export interface ServiceRunOptions {
  /** Puts code of one's own on every life before it starts: handlers, listeners, requests. Its timers are the life's. */
  readonly service?: (door: ServiceDoor) => void
  /** Options of every node. */
  readonly node?: Omit<GossipmongerOptions, 'transport' | 'seeds' | 'system'>
  /** Options of every messenger. */
  readonly messenger?: Omit<MessengerOptions, 'system'>
  /** Rounds of peace within which everybody must agree. @defaultValue 600 */
  readonly settleRoundsMax?: number
  readonly trace?: TraceSink
}

/** How it went. */
export interface ServiceOutcome {
  readonly settledAfterRounds: number
  readonly figures: ServiceFigures
  /** A fingerprint of all that happened: equal for equal scenarios. */
  readonly traceHash: string
}

const SETTLE_ROUNDS_MAX = 600
const ROUND_MS = 1_000
/** Longer than anything may be waited for: requests, slow handlers, the loss of a session. */
const REST_MS = 20_000
const SEED = 'p0'

/**
 * Runs it.
 *
 * @throws {ViolationError} as a rejection: a promise was broken
 * @throws {NotReachedError} as a rejection: after the faults had stopped the nodes did not agree in time
 */
export async function runServiceScenario(
  scenario: ServiceScenario,
  options: ServiceRunOptions = {},
): Promise<ServiceOutcome> {
  const play = new ServicePlay(scenario, options)
  try {
    return await play.run()
  } finally {
    await play.close()
  }
}

class ServicePlay {
  readonly #scenario: ServiceScenario
  readonly #options: ServiceRunOptions
  readonly #time = new VirtualTime()
  readonly #journal: Journal
  readonly #cluster: ServiceCluster
  readonly #sessions: SessionsCheck
  readonly #requests: RequestsCheck
  readonly #sends: SendsCheck
  readonly #streams: StreamsCheck
  readonly #services: ServicesCheck
  readonly #pairs: PairsCheck
  readonly #checks: readonly ServiceCheck[]

  constructor(scenario: ServiceScenario, options: ServiceRunOptions) {
    this.#scenario = scenario
    this.#options = options
    this.#journal = new Journal(this.#time, options.trace)
    const { seed, peers, network } = scenario
    const { node, messenger } = options
    const onLife = (life: ServiceLife): void => this.#attach(life)
    this.#cluster = new ServiceCluster({ time: this.#time, seed, peers, network, node, messenger, onLife })
    const ports: CheckPorts = {
      journal: this.#journal,
      lives: () => this.#cluster.lives,
      find: (name) => this.#cluster.find(name),
    }
    this.#sessions = new SessionsCheck(ports)
    this.#requests = new RequestsCheck(ports, this.#sessions)
    this.#sends = new SendsCheck(ports, this.#sessions)
    this.#streams = new StreamsCheck(ports, this.#sessions)
    this.#services = new ServicesCheck(ports)
    this.#pairs = new PairsCheck(ports)
    const rings = new RingsCheck(ports)
    this.#checks = [this.#sessions, this.#requests, this.#sends, this.#streams, this.#services, this.#pairs, rings]
  }

  async run(): Promise<ServiceOutcome> {
    for (const name of this.#cluster.names) await this.#cluster.start(name)
    await this.#time.run(MEETING_MS)
    for (const step of this.#scenario.steps) {
      await this.#take(step)
      this.#assertUnbroken()
    }
    this.#cluster.calm()
    while (this.#cluster.find(SEED) === undefined && !this.#cluster.canStart(SEED)) await this.#time.run(ROUND_MS)
    await this.#cluster.start(SEED)
    const settledAfterRounds = await this.#settle()
    await this.#time.run(REST_MS)
    this.#assertUnbroken()
    await this.close()
    for (const check of this.#checks) check.finish?.()
    this.#journal.objectToHanging()
    this.#assertUnbroken()
    return { settledAfterRounds, figures: this.#journal.figures, traceHash: this.#journal.trace.hash }
  }

  /** Ends every node, in order; time passes for it. */
  async close(): Promise<void> {
    for (const life of this.#cluster.lives) this.#end(life, () => life.end(false))
    await this.#time.run(REST_MS)
  }

  #attach(life: ServiceLife): void {
    for (const check of this.#checks) check.attach?.(life)
    this.#options.service?.({
      life,
      object: (problem) => this.#journal.object('service', life.label, problem),
      follow: (what, work) => this.#journal.follow(life.label, what, work),
    })
  }

  async #take(step: ServiceStep): Promise<void> {
    const cluster = this.#cluster
    switch (step.do) {
      case 'wait':
        await this.#time.run(step.ms)
        return
      case 'heal':
        cluster.heal()
        return
      case 'partition':
        this.#partition(step.side)
        return
      case 'weather':
        cluster.setWeather({ lossChance: step.lossChance, duplicateChance: step.duplicateChance })
        return
      case 'break':
        cluster.breakSession(this.#name(step.from), this.#name(step.to))
        await this.#time.run(0)
        return
      case 'cut':
        cluster.cut(this.#name(step.from), this.#name(step.to), step.oneWay)
        return
      case 'restart':
        await cluster.start(this.#name(step.peer))
        return
      default: {
        const life = cluster.find(this.#name('from' in step ? step.from : step.peer))
        if (life === undefined) return
        if (step.do === 'crash' || step.do === 'leave' || step.do === 'pause') await this.#befall(life, step)
        else this.#act(life, step)
      }
    }
  }

  async #befall(life: ServiceLife, step: Extract<ServiceStep, { do: 'crash' | 'leave' | 'pause' }>): Promise<void> {
    const cluster = this.#cluster
    if (step.do === 'pause') {
      cluster.pause(life, step.ms)
      return
    }
    this.#end(life, () => (step.do === 'crash' ? cluster.crash(life, step.silent) : life.end(false)))
    // A life that begins at the same moment as its predecessor could not be told from it.
    await this.#time.run(1)
  }

  #act(
    life: ServiceLife,
    step: Exclude<
      ServiceStep,
      { do: 'wait' | 'heal' | 'partition' | 'weather' | 'break' | 'cut' | 'restart' | 'crash' | 'leave' | 'pause' }
    >,
  ): void {
    // A process that does nothing does not begin anything either.
    if (life.system.pausedUntil > this.#time.now) return
    switch (step.do) {
      case 'request':
        this.#requests.ask(life, this.#name(step.to), step)
        return
      case 'anyone':
        this.#requests.askAnyone(life, this.#cluster.names, step.workMs, step.stallAfterMs)
        return
      case 'cancel':
        this.#requests.cancel(life)
        return
      case 'send':
        this.#sends.send(life, this.#name(step.to), step.count)
        return
      case 'stream':
        this.#streams.open(life, this.#name(step.to), step)
        return
      case 'open':
        this.#services.open(life, step.port)
        return
      case 'close':
        this.#services.close(life, step.port)
        return
      case 'call':
        this.#services.call(life, this.#name(step.to), step.port)
        return
      case 'pair':
        this.#pairs.pair(life, this.#name(step.to))
        return
      case 'release':
        this.#pairs.release(life)
    }
  }

  #end(life: ServiceLife, end: () => Promise<void>): void {
    this.#journal.note(life.label, 'end')
    this.#journal.follow(life.label, `the end of ${life.label}`, end())
  }

  #partition(side: number): void {
    const isThere = (index: number): boolean => Math.floor(side / 2 ** (index % 30)) % 2 === 1
    const { names, links } = this.#cluster
    links.partition([names.filter((_, index) => !isThere(index)), names.filter((_, index) => isThere(index))])
  }

  async #settle(): Promise<number> {
    const roundsMax = this.#options.settleRoundsMax ?? SETTLE_ROUNDS_MAX
    for (let rounds = 0; ; rounds++) {
      this.#assertUnbroken()
      const missing = this.#checks.flatMap((check) => check.missing?.() ?? [])
      if (missing.length === 0) return rounds
      if (rounds >= roundsMax) throw new NotReachedError(rounds, missing, this.#where)
      await this.#time.run(ROUND_MS)
    }
  }

  #assertUnbroken(): void {
    if (this.#journal.violations.length > 0) throw new ViolationError(this.#journal.violations, this.#where)
  }

  get #where(): string {
    const { trace } = this.#journal
    return `seed ${this.#scenario.seed}, ${this.#time.now} ms, trace ${trace.hash} after ${trace.records} records`
  }

  #name(number: number): string {
    const { names } = this.#cluster
    return names[number % names.length] as string
  }
}
