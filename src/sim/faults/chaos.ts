/**
 * Faults by chance: each kind comes at its own times, from its own stream of chance, and is undone after a while. It acts
 * through the same commands a person has.
 */

import { type Distribution, draw, pick } from '../distribution.ts'
import type { RandomStreams } from '../random-streams.ts'
import type { DiskFate, World } from '../world/index.ts'
import { EVERY_MS_MIN, type FaultOptions, MESSAGE_BYTES_MIN } from './options.ts'

/** What chaos may do; a simulation's own commands. */
export interface Commands {
  /** Names of machines that are up and stay, second processes under an id not among them. */
  readonly up: () => readonly string[]
  readonly cut: (from: string, to: string) => void
  readonly mend: (from: string, to: string) => void
  readonly partition: (...parts: readonly (readonly string[])[]) => void
  readonly unite: () => void
  readonly crash: (name: string, options: { readonly disk: DiskFate }) => void
  readonly restart: (name: string) => void
  readonly stall: (name: string, ms: number) => void
  readonly jumpClock: (name: string, ms: number) => void
  readonly limitMessages: (bytes: number | undefined) => void
  /** Undefined: as it was at the beginning; so with the limit. */
  readonly corrupt: (chance: number | undefined) => void
  readonly twin: (name: string) => string
}

/** Two machines at least, or there is nothing to part. */
const PARTS_MIN = 2

/** Makes faults until it is stopped. */
export class Chaos {
  readonly #world: World
  readonly #options: FaultOptions
  readonly #commands: Commands
  readonly #streams: RandomStreams
  #isStopped = false
  /** What undoes the faults that last. */
  readonly #undo = new Set<() => void>()

  constructor(world: World, options: FaultOptions, commands: Commands, streams: RandomStreams) {
    this.#world = world
    this.#options = options
    this.#commands = commands
    this.#streams = streams
  }

  /** Begins: the first fault of each kind comes after its first time. */
  start(): void {
    const { cuts, partitions, crashes, stalls, clockJumps, messageLimits, corruption, twins } = this.#options
    if (cuts !== undefined) this.#repeat('cuts', cuts.everyMs, (random) => this.#cut(cuts.forMs, random))
    if (partitions !== undefined) {
      this.#repeat('partitions', partitions.everyMs, (random) => this.#part(partitions.forMs, random))
    }
    if (crashes !== undefined) {
      const fates = crashes.disk ?? ['kept', 'lost', 'torn']
      this.#repeat('crashes', crashes.everyMs, (random) => this.#crash(crashes.forMs, fates, random))
    }
    if (stalls !== undefined) {
      this.#repeat('stalls', stalls.everyMs, (random) =>
        this.#onOne(random, (name) => this.#commands.stall(name, Math.ceil(draw(stalls.forMs, random)))),
      )
    }
    if (clockJumps !== undefined) {
      this.#repeat('clockJumps', clockJumps.everyMs, (random) =>
        this.#onOne(random, (name) => this.#commands.jumpClock(name, Math.round(draw(clockJumps.byMs, random)))),
      )
    }
    if (messageLimits !== undefined) {
      this.#repeat('messageLimits', messageLimits.everyMs, (random) => {
        this.#commands.limitMessages(Math.max(MESSAGE_BYTES_MIN, Math.round(draw(messageLimits.bytes, random))))
        this.#later(messageLimits.forMs, random, () => this.#commands.limitMessages(undefined))
      })
    }
    if (corruption !== undefined) {
      this.#repeat('corruption', corruption.everyMs, (random) => {
        this.#commands.corrupt(draw(corruption.chance, random))
        this.#later(corruption.forMs, random, () => this.#commands.corrupt(undefined))
      })
    }
    if (twins !== undefined) this.#repeat('twins', twins.everyMs, (random) => this.#twin(twins.forMs, random))
  }

  /** Ends all faults at once: everything that lasts is undone. */
  stop(): void {
    this.#isStopped = true
    for (const undo of [...this.#undo]) undo()
  }

  #repeat(kind: string, everyMs: Distribution, fault: (random: () => number) => void): void {
    const random = this.#streams.stream(`faults ${kind}`)
    const next = (): void => {
      this.#world.at(this.#world.now + Math.max(EVERY_MS_MIN, draw(everyMs, random)), () => {
        if (this.#isStopped) return
        fault(random)
        next()
      })
    }
    next()
  }

  #later(afterMs: Distribution, random: () => number, run: () => void): void {
    const undo = (): void => {
      if (this.#undo.delete(undo)) run()
    }
    this.#undo.add(undo)
    this.#world.at(this.#world.now + draw(afterMs, random), undo)
  }

  #onOne(random: () => number, run: (name: string) => void): void {
    const up = this.#commands.up()
    if (up.length > 0) run(pick(up, random))
  }

  #cut(forMs: Distribution, random: () => number): void {
    const up = this.#commands.up()
    if (up.length < PARTS_MIN) return
    const from = pick(up, random)
    const to = pick(
      up.filter((name) => name !== from),
      random,
    )
    this.#commands.cut(from, to)
    this.#later(forMs, random, () => this.#commands.mend(from, to))
  }

  #part(forMs: Distribution, random: () => number): void {
    const here: string[] = []
    const there: string[] = []
    for (const name of this.#world.machines.keys()) (random() < 0.5 ? here : there).push(name)
    this.#commands.partition(here, there)
    this.#later(forMs, random, () => this.#commands.unite())
  }

  #crash(forMs: Distribution, fates: readonly DiskFate[], random: () => number): void {
    this.#onOne(random, (name) => {
      this.#commands.crash(name, { disk: pick(fates, random) })
      this.#later(forMs, random, () => {
        if (this.#world.machines.get(name)?.status === 'down') this.#commands.restart(name)
      })
    })
  }

  #twin(forMs: Distribution, random: () => number): void {
    this.#onOne(random, (name) => {
      const twin = this.#commands.twin(name)
      this.#later(forMs, random, () => {
        if (this.#world.machines.get(twin)?.status === 'up') this.#commands.crash(twin, { disk: 'lost' })
      })
    })
  }
}
