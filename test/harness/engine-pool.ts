/**
 * Engines and the letters between them, moved by hand: a test says which letter arrives, is lost, repeated or overtaken,
 * and when time passes. Letters are text, so nothing is shared; every payload is measured.
 */

import {
  Engine,
  type EngineEvent,
  type EngineOptions,
  type JsonValue,
  resolveEngineOptions,
} from '../../src/core/index.ts'
import { PoolBulks } from './pool-bulks.ts'
import { seededRandom } from './seeded-random.ts'

/** A message on its way. */
export interface Letter {
  /** Process that sent it, and the id it goes by. */
  readonly from: string
  readonly sender: { readonly id: string; readonly transport: JsonValue }
  /** Process it is addressed to: names of processes are their addresses. */
  readonly to: string
  readonly kind: 'digest' | 'deltas'
  readonly text: string
}

/** A process: one engine, what it told, and what a reader who believes it holds. */
export class Process {
  readonly name: string
  readonly engine: Engine
  readonly events: EngineEvent[] = []
  isUp = true

  constructor(name: string, engine: Engine) {
    this.name = name
    this.engine = engine
  }

  /** Events of one type, told so far. */
  told<T extends EngineEvent['type']>(type: T): Extract<EngineEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type)
  }
}

/** What a process starts with. */
export interface ProcessSetup {
  /** @defaultValue the name of the process */
  readonly id?: string
  /** @defaultValue above all before */
  readonly generation?: number
  readonly messageBytesMax?: number
  /** Whether others may send it transfers in bulk, and it others. @defaultValue what the pool says */
  readonly hasBulk?: boolean
  readonly options?: EngineOptions
}

/** All processes and letters. `now` moves only by `pass`. */
export class EnginePool {
  now = 0
  letters: Letter[] = []
  readonly processes: Map<string, Process> = new Map()
  /** Transfers in bulk that are under way. */
  readonly bulks: PoolBulks = new PoolBulks(this)
  /** Whether processes that are started from now on have bulk. */
  hasBulk = false
  readonly random: () => number
  /** Looks at every letter when it is sent. */
  onSend: (letter: Letter) => void = () => {}
  /** Looks at every process after each of its inputs. */
  onInput: (process: Process) => void = () => {}
  readonly #options: EngineOptions
  #lives = 0

  constructor(options: EngineOptions = {}, seed = 1) {
    this.#options = options
    this.random = seededRandom(seed)
  }

  /** Starts a process; its first round is due but not run. */
  start(name: string, setup: ProcessSetup = {}): Process {
    const { id = name, generation = ++this.#lives * 1_048_576, messageBytesMax, hasBulk = this.hasBulk } = setup
    const options = resolveEngineOptions({ ...this.#options, ...setup.options }, { hasBulk })
    const bulk = hasBulk ? this.bulks.abilityOf(name) : {}
    const engine = new Engine({ id, generation, options, random: this.random, messageBytesMax, ...bulk })
    const process = new Process(name, engine)
    this.processes.set(name, process)
    this.input(name, (now) => engine.start({ generation, transport: name }, now))
    return process
  }

  process(name: string): Process {
    const process = this.processes.get(name)
    if (process === undefined) throw new Error(`no process ${name}`)
    return process
  }

  engine(name: string): Engine {
    return this.process(name).engine
  }

  /** Uses an engine and takes out what that left behind. */
  input<T>(name: string, use: (now: number) => T): T {
    const process = this.process(name)
    const result = use(this.now)
    process.events.push(...process.engine.takeEvents())
    this.bulks.begin(process)
    for (const { kind, to, payload } of process.engine.takeMessages()) {
      const sender = { id: process.engine.id, transport: process.engine.transport }
      const letter = { from: name, sender, to: to.transport as string, kind, text: JSON.stringify(payload) }
      this.onSend(letter)
      this.letters.push(letter)
    }
    this.onInput(process)
    return result
  }

  set(name: string, key: string, value: JsonValue, ttlMs?: number): boolean {
    return this.input(name, (now) => this.engine(name).set(key, value, { ttlMs }, now))
  }

  delete(name: string, key: string): boolean {
    return this.input(name, (now) => this.engine(name).delete(key, now))
  }

  /** What a reader at one process sees under another id's keys. */
  read(name: string, id: string): Record<string, JsonValue> {
    return Object.fromEntries(
      this.engine(name)
        .readAll(id, this.now)
        .map(({ key, value }) => [key, value]),
    )
  }

  /** Sends a digest to one process, outside the rounds. */
  ask(name: string, to: string): void {
    this.input(name, (now) => this.engine(name).sendDigest({ transport: to }, now))
  }

  /** Hands over a letter; what is for nobody is lost. */
  deliver(letter: Letter): void {
    const process = this.processes.get(letter.to)
    if (process?.isUp !== true) return
    const payload: unknown = JSON.parse(letter.text)
    this.input(letter.to, (now) => {
      if (letter.kind === 'digest') process.engine.receiveDigest(letter.sender, payload, now)
      else process.engine.receiveDeltas(letter.sender, payload, now)
    })
  }

  /** Delivers everything, answers too, in order, and carries all transfers to their end. */
  deliverAll(): void {
    do {
      for (let letter = this.letters.shift(); letter !== undefined; letter = this.letters.shift()) this.deliver(letter)
      this.bulks.carryAll()
    } while (this.letters.length > 0)
  }

  /** One whole exchange, begun by `name`. */
  exchange(name: string, to: string): void {
    this.ask(name, to)
    this.deliverAll()
  }

  /** Lets time pass; whoever is up does what is due, in time. Letters stay where they are. */
  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const next = this.#nextDue()
      if (next === undefined || next.engine.deadline > until) break
      this.now = Math.max(this.now, next.engine.deadline)
      this.input(next.name, (now) => next.engine.tick(now))
    }
    this.now = until
  }

  /** Lets time pass in small steps, in which everything sent arrives. */
  live(ms: number, stepMs = 100): void {
    for (const until = this.now + ms; this.now < until; ) {
      this.pass(Math.min(stepMs, until - this.now))
      this.deliverAll()
    }
  }

  crash(name: string): void {
    this.process(name).isUp = false
  }

  #nextDue(): Process | undefined {
    let next: Process | undefined
    for (const process of this.processes.values()) {
      if (process.isUp && (next === undefined || process.engine.deadline < next.engine.deadline)) next = process
    }
    return next
  }
}
