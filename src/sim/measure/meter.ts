/**
 * What a simulation shows of its cluster: how many rounds a write and a crash take to be known to 50, 99 and 100 % of
 * the nodes, how stale the stalest copy was, and what was told.
 */

import type { EngineEvent, JsonValue } from '../../core/index.ts'
import type { EndCause, Machine, Observer, World } from '../world/index.ts'
import { News } from './news.ts'

/** Rounds until a part of the nodes knew; medians over all news that came that far, and the worst. */
export interface SpreadFigures {
  /** How many pieces of news were followed. */
  readonly count: number
  /** How many have reached everybody. */
  readonly completed: number
  readonly half: number | undefined
  readonly most: number | undefined
  readonly all: number | undefined
  readonly allWorst: number | undefined
}

/** What was measured so far. */
export interface Figures {
  /** Own writes, until every node that was up had them. Half, 99 % and all. */
  readonly writes: SpreadFigures
  /** Crashes, until every node that did not hold the peer dead already called it dead. Half, 99 % and all. */
  readonly crashes: SpreadFigures
  /** Longest time that a node lacked a write, looked at every round: mean and worst over the rounds, ms. */
  readonly staleness: { readonly meanMs: number; readonly worstMs: number }
  /** Verdicts about peers that were up: with faults that cut somebody off there must be some. */
  readonly falseDeaths: number
  /** Events told by all nodes, by type. */
  readonly events: Readonly<Record<string, number>>
  /** Error events, by code. */
  readonly errors: Readonly<Record<string, number>>
}

/** Writes followed at the same time, at most; more are not measured. */
const FOLLOWED_MAX = 10_000

interface Write {
  readonly owner: Machine
  readonly generation: number
  readonly version: number
  readonly news: News
}

/** Measures; O(followed writes of an owner) per event. */
export class Meter implements Observer {
  readonly #world: World
  readonly #intervalMs: number
  readonly #events: Record<string, number> = {}
  readonly #errors: Record<string, number> = {}
  readonly #open = new Map<string, Write[]>()
  readonly #crashes = new Map<string, News>()
  readonly #writesDone: News[] = []
  readonly #crashesDone: News[] = []
  readonly #staleness = { rounds: 0, sumMs: 0, worstMs: 0 }
  readonly #written = new Map<string, string>()
  #followed = 0
  #falseDeaths = 0

  constructor(world: World, intervalMs: number) {
    this.#world = world
    this.#intervalMs = intervalMs
  }

  /** What was measured so far. */
  get figures(): Figures {
    const open = [...this.#open.values()].flatMap((writes) => writes.map(({ news }) => news))
    return {
      writes: this.#spread([...this.#writesDone, ...open]),
      crashes: this.#spread([...this.#crashesDone, ...this.#crashes.values()]),
      staleness: {
        meanMs: this.#staleness.sumMs / Math.max(1, this.#staleness.rounds),
        worstMs: this.#staleness.worstMs,
      },
      falseDeaths: this.#falseDeaths,
      events: { ...this.#events },
      errors: { ...this.#errors },
    }
  }

  /** Looks at the stalest copy. To be called once a round. */
  observeRound(): void {
    let oldest = this.#world.now
    for (const writes of this.#open.values()) for (const { news } of writes) oldest = Math.min(oldest, news.since)
    const ms = this.#world.now - oldest
    this.#staleness.rounds++
    this.#staleness.sumMs += ms
    this.#staleness.worstMs = Math.max(this.#staleness.worstMs, ms)
  }

  onWrite(machine: Machine, at: number): void {
    const { generation, maxVersionSeen: version } = machine.running.own()
    const standing = `${generation} ${version}`
    if (machine.isFirstGeneration || this.#written.get(machine.name) === standing) return
    this.#written.set(machine.name, standing)
    if (this.#followed >= FOLLOWED_MAX) return
    const others = this.#others(machine)
    if (others.length === 0) return
    this.#followed++
    const news = new News(at, others)
    this.#open.set(machine.id, [...(this.#open.get(machine.id) ?? []), { owner: machine, generation, version, news }])
    this.#close(machine.id)
  }

  onEvents(machine: Machine, events: readonly EngineEvent[], at: number): void {
    const changed = new Set<string>()
    // It has stopped listening: no news will ever reach it.
    if (events.some((event) => event.type === 'conflict')) this.#forget(machine)
    for (const event of events) {
      this.#events[event.type] = (this.#events[event.type] ?? 0) + 1
      if (event.type === 'error') this.#countError(event.error)
      if (event.type === 'peer dead') this.#judge(event.peerId, machine, at)
      // Whoever is told that it is removed need not be told that it is dead.
      else if (event.type === 'peer removed') this.#crashes.get(event.peerId)?.hear(machine.name, at)
      if ('peerId' in event) changed.add(event.peerId)
    }
    for (const id of changed) this.#hear(machine, id, at)
  }

  /** A copy can move on without an event: a new life with the same keys, or none. */
  onInput(
    machine: Machine,
    arrival: { readonly kind: string; readonly payload: JsonValue } | undefined,
    at: number,
  ): void {
    if (arrival?.kind !== 'deltas' || this.#open.size === 0) return
    for (const id of [...this.#open.keys()]) this.#hear(machine, id, at)
  }

  onEnd(machine: Machine, cause: EndCause, at: number): void {
    this.#forget(machine)
    if (cause !== 'crash' || this.#isUp(machine.id)) return
    const believers = this.#others(machine).filter((name) => this.#believes(name, machine.id))
    this.#crashes.set(machine.id, new News(at, believers))
  }

  /** A crash that was not noticed everywhere before the restart never will be. */
  onStart(machine: Machine): void {
    const news = this.#crashes.get(machine.id)
    if (news !== undefined) this.#crashesDone.push(news)
    this.#crashes.delete(machine.id)
  }

  /** Whoever is gone hears no more, and its own writes may never arrive. */
  #forget(machine: Machine): void {
    const writes = this.#open.get(machine.id) ?? []
    this.#keep(
      machine.id,
      writes.filter(({ owner }) => owner !== machine),
    )
    for (const [id, others] of this.#open) {
      for (const { news } of others) news.giveUp(machine.name)
      this.#close(id)
    }
    for (const news of this.#crashes.values()) news.giveUp(machine.name)
  }

  #others(machine: Machine): string[] {
    return [...this.#world.machines.values()]
      .filter((other) => isListening(other) && other.id !== machine.id)
      .map(({ name }) => name)
  }

  /** Whether another process runs under the id. */
  #isUp(id: string): boolean {
    return [...this.#world.machines.values()].some((machine) => machine.id === id && machine.status === 'up')
  }

  /** Whether it holds a peer alive, or at least not dead. */
  #believes(name: string, id: string): boolean {
    const status = this.#world.machines.get(name)?.running.peer(id)?.status
    return status === 'live' || status === 'unproven'
  }

  #hear(machine: Machine, id: string, at: number): void {
    const writes = this.#open.get(id)
    const copy = writes === undefined ? undefined : machine.running.copy(id)
    if (writes === undefined || copy === undefined || copy.isStale) return
    for (const { generation, version, news } of writes) {
      const isThere = copy.generation > generation || (copy.generation === generation && copy.maxVersionSeen >= version)
      if (isThere) news.hear(machine.name, at)
    }
    this.#close(id)
  }

  #close(id: string): void {
    const writes = this.#open.get(id) ?? []
    const open = writes.filter(({ news }) => !news.isEverywhere)
    if (open.length === writes.length) return
    this.#writesDone.push(...writes.filter(({ news }) => news.isEverywhere).map(({ news }) => news))
    this.#keep(id, open)
  }

  /** Of an owner's open writes, these are still followed. */
  #keep(id: string, writes: Write[]): void {
    this.#followed += writes.length - (this.#open.get(id)?.length ?? 0)
    if (writes.length === 0) this.#open.delete(id)
    else this.#open.set(id, writes)
  }

  #judge(id: string, judge: Machine, at: number): void {
    this.#crashes.get(id)?.hear(judge.name, at)
    const isUp = [...this.#world.machines.values()].some((machine) => machine.id === id && machine.status === 'up')
    if (isUp) this.#falseDeaths++
  }

  #countError(error: Error): void {
    const code = 'code' in error ? String(error.code) : error.name
    this.#errors[code] = (this.#errors[code] ?? 0) + 1
  }

  #spread(news: readonly News[]): SpreadFigures {
    const rounds = (part: number): readonly number[] =>
      news
        .flatMap((item) => item.msUntil(part) ?? [])
        .map((ms) => ms / this.#intervalMs)
        .sort((a, b) => a - b)
    const all = rounds(1)
    const median = (sorted: readonly number[]): number | undefined => sorted[(sorted.length - 1) >> 1]
    return {
      count: news.length,
      completed: all.length,
      half: median(rounds(0.5)),
      most: median(rounds(0.99)),
      all: median(all),
      allWorst: all.at(-1),
    }
  }
}

/** Up, not stopped, and of a kind whose copies can be compared. */
function isListening({ status, isFirstGeneration, process }: Machine): boolean {
  return status === 'up' && !isFirstGeneration && process?.isFrozen !== true
}
