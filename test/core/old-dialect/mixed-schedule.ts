/**
 * Random life in a mixed cluster, from a seed: writes, deletions, restarts of either kind, changes of address, upgrades,
 * downgrades, crashes, partitions, over a network with loss and delay. Then peace, and a look at who believes what.
 */

import type { JsonValue } from '../../../src/core/index.ts'
import { MixedCluster } from './mixed-cluster.ts'

/** What may happen. */
export interface ScheduleRules {
  readonly oldsMax: number
  readonly newsMax: number
  readonly restartsOld?: boolean
  readonly restartsNew?: boolean
  /** An id may come back as the other kind, and may stay away. */
  readonly changesKind?: boolean
  readonly keys?: number
  readonly latenciesMs?: readonly number[]
}

/** Time in which everything must come right once nothing happens any more, ms. */
const PEACE_MS_MAX = 600_000
/** A node of ours is called dead everywhere before its id may go back to the old package. */
const DOWNGRADE_MS = 120_000
const ANCHOR = 'anchor'

/** One run. */
export class MixedSchedule {
  readonly cluster: MixedCluster
  /** Ids that are down. */
  readonly down: Set<string> = new Set()
  /** Ids of which an old node may remember a former life. */
  readonly #reborn = new Set<string>()
  readonly #rules: ScheduleRules
  readonly #ids: string[]
  readonly #port = new Map<string, number>()
  readonly #wasNewAt = new Map<string, number>()

  constructor(seed: number, rules: ScheduleRules) {
    this.cluster = new MixedCluster(seed)
    this.#rules = rules
    const { network } = this.cluster
    network.lossChance = this.#pick([0, 0, 0.1, 0.3])
    network.latencyMs = this.#pick(rules.latenciesMs ?? [1, 50, 400, 1_200])
    network.jitter = this.#pick([0.2, 1])
    const olds = Array.from({ length: 1 + this.#below(rules.oldsMax) }, (_, i) => `old${i}`)
    const news = Array.from({ length: 1 + this.#below(rules.newsMax) }, (_, i) => `new${i}`)
    this.#ids = [...olds, ...news]
    this.cluster.addNew(ANCHOR, ['old0'])
    for (const id of olds) this.#startOld(id)
    for (const id of news) this.#startNew(id)
  }

  /** Lets things happen. */
  run(steps: number): this {
    const { network } = this.cluster
    for (let step = 0; step < steps; step++) {
      this.cluster.run(this.#below(this.#below(4) === 0 ? 20_000 : 1_500))
      const id = this.#pick(this.#ids)
      if (this.down.has(id)) this.#maybeReturn(id)
      else this.#act(id)
      if (this.#below(10) === 0) {
        const cut = this.#pick(this.#ids)
        network.passes = (from, to) => this.#below(2) === 0 || (from !== cut && to !== cut)
      } else network.passes = () => true
    }
    network.passes = () => true
    return this
  }

  /** What is still wrong after a time of peace, in words; and how long it took until it first came right, ms. */
  settle(): { readonly problems: readonly string[]; readonly tookMs: number } {
    const tookMs = this.cluster.runUntil(() => this.problems().length === 0, PEACE_MS_MAX, 1_000)
    this.cluster.run(100_000)
    return { problems: this.problems(), tookMs }
  }

  /** What is wrong now. */
  problems(): string[] {
    const { cluster } = this
    const isOldReader = (text: string): boolean => cluster.olds.has(text.split(' ')[0] as string)
    return [
      ...cluster.disagreements().filter((text) => !isOldReader(text)),
      ...cluster.notLive().filter((text) => !isOldReader(text)),
      ...this.#wronglyHeld(),
      ...this.#missingAtOlds(),
    ]
  }

  /** Errors that nodes told and that have no excuse. A node that was restarted may get mail of its former life. */
  errors(): readonly string[] {
    const told = [...this.cluster.news.values()].flatMap(({ errors }) => errors)
    const codes = told.map((error) => (error as { code?: string }).code ?? error.message)
    const olds = [...this.cluster.olds.values()].flatMap(({ errors }) => errors.map((error) => error.message))
    return [...codes.filter((code) => code !== 'GOSSIP_SENDER_UNKNOWN'), ...olds]
  }

  /** Lives that are kept for old peers beyond their first. */
  livesBegun(): number {
    const highest = new Map<string, number>()
    for (const { node } of this.cluster.news.values()) {
      for (const { id, isOld, generation } of node.peers()) {
        if (isOld) highest.set(id, Math.max(highest.get(id) ?? 1, generation))
      }
    }
    return [...highest.values()].reduce((sum, generation) => sum + generation - 1, 0)
  }

  #act(id: string): void {
    const { restartsOld, restartsNew, changesKind } = this.#rules
    const isOld = this.cluster.olds.has(id)
    switch (this.#below(8)) {
      case 0:
      case 1:
      case 2:
        for (let i = this.#below(6); i >= 0; i--) this.#write(id)
        break
      case 3:
        if (!isOld) this.cluster.new(id).delete(this.#key())
        break
      case 4:
        if (isOld && restartsOld === true) this.#startOld(id)
        if (!isOld && restartsNew === true) this.#startNew(id)
        break
      case 5:
        if (changesKind === true) this.#goDown(id)
        break
      case 6:
        if (changesKind === true && isOld) this.#startNew(id)
        break
      default:
    }
  }

  #goDown(id: string): void {
    if (this.cluster.news.has(id)) this.#wasNewAt.set(id, this.cluster.now)
    this.cluster.crash(id)
    this.down.add(id)
  }

  #maybeReturn(id: string): void {
    if (this.#below(3) > 0) return
    this.down.delete(id)
    const wasNewAt = this.#wasNewAt.get(id)
    if (this.#below(2) === 0) this.#startNew(id)
    else {
      if (wasNewAt !== undefined) this.cluster.run(Math.max(0, wasNewAt + DOWNGRADE_MS - this.cluster.now))
      this.#startOld(id)
    }
  }

  #startOld(id: string): void {
    if (this.cluster.olds.has(id) && this.#below(4) === 0) {
      this.#port.set(id, 20_000 + 10 * this.#ids.indexOf(id) + this.#below(3))
    }
    this.#noteBirth(id)
    const keys = Object.fromEntries(Array.from({ length: this.#below(9) }, () => [this.#key(), this.#value()]))
    const port = this.#port.get(id)
    this.cluster.addOld(id, [ANCHOR], keys, port === undefined ? {} : { port })
  }

  #startNew(id: string): void {
    this.#noteBirth(id)
    this.cluster.addNew(id, [ANCHOR])
    for (let i = this.#below(9); i > 0; i--) this.#write(id)
  }

  readonly #born = new Set<string>()
  #noteBirth(id: string): void {
    if (this.#born.has(id)) this.#reborn.add(id)
    this.#born.add(id)
  }

  #write(id: string): void {
    if (this.cluster.olds.has(id)) this.cluster.old(id).update(this.#key(), this.#value())
    else this.cluster.new(id).set(this.#key(), this.#value())
  }

  /** Dead ones held live, and the wrong kind. */
  #wronglyHeld(): string[] {
    const problems: string[] = []
    for (const [reader, { node }] of this.cluster.news) {
      for (const { id, status, isOld } of node.peers()) {
        if (this.down.has(id) && status === 'live') problems.push(`${reader} holds ${id} live`)
        if (!this.down.has(id) && isOld !== this.cluster.olds.has(id)) problems.push(`${reader} mistakes ${id}`)
      }
    }
    return problems
  }

  /**
   * Old nodes hold all that nodes of ours have; of a peer that never began a second life, exactly that. An old node that
   * was restarted itself may have got mail meant for its former life, and an id of ours may be hidden by what it was.
   */
  #missingAtOlds(): string[] {
    const problems: string[] = []
    for (const [reader, { node }] of this.cluster.olds) {
      if (this.#reborn.has(reader)) continue
      for (const [owner, { node: ours }] of this.cluster.news) {
        if (this.#rules.changesKind === true && this.#reborn.has(owner)) continue
        const data = node.storage.get(owner)?.data ?? {}
        for (const [key, value] of ours.entries(owner)) {
          if (JSON.stringify(data[key]?.[0]) !== JSON.stringify(value)) problems.push(`${reader} lacks ${owner} ${key}`)
        }
        if (this.#reborn.has(owner)) continue
        const known = ours.entries(owner)
        for (const [key, [value]] of Object.entries(data)) {
          if (value !== null && !known.has(key)) problems.push(`${reader} keeps ${owner} ${key}`)
        }
      }
    }
    return problems
  }

  #key(): string {
    return `k${this.#below(this.#rules.keys ?? 9)}`
  }

  #value(): JsonValue {
    return this.#pick<JsonValue>([0, 1, 'a', 'b', null, { a: 0 }, { a: 1 }, [0], []])
  }

  #below(limit: number): number {
    return Math.floor(this.cluster.random() * limit)
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T
  }
}
