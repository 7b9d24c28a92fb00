/**
 * One owner and several copies of its map, with the digests and groups between them moved by hand. It knows everything
 * the owner ever wrote, so it can tell a copy with a hole, with a key that should be gone, or with a key that flickers.
 */

import * as assert from 'uvu/assert'
import { type Order, pack } from '../../src/core/flow/index.ts'
import { admitJson } from '../../src/core/json/index.ts'
import { lackOf, parseDeltas, type Standing } from '../../src/core/reconcile/index.ts'
import { type Change, OwnMap, PeerMap } from '../../src/core/state/index.ts'
import { seededRandom } from './seeded-random.ts'

/** A message on its way: where a copy stands, or a group as text. */
export type Parcel =
  | { readonly kind: 'standing'; readonly from: number; readonly to: number; readonly standing: Standing }
  | { readonly kind: 'group'; readonly to: number; readonly text: string }

/** What one message may take and how long deletions are remembered. */
export interface MapWorldOptions {
  readonly copies: number
  readonly bytesMax: number
  readonly tombstoneGraceMs: number
  readonly order?: Order
}

/** A copy and what a reader who believes only what is told holds. */
interface Copy {
  readonly map: PeerMap
  readonly told: Map<string, unknown>
  triple: readonly number[]
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** The owner is number 0, its copies are 1 and up. */
export class MapWorld {
  now = 0
  parcels: Parcel[] = []
  readonly own: OwnMap = new OwnMap('owner', 1)
  readonly copies: Copy[]
  /** Of the owner's present generation: the last version of every key ever written, and its value. */
  readonly #written = new Map<string, { version: number; value: unknown }>()
  /** Keys that were never deleted since they were first written. */
  readonly #lasting = new Set<string>()
  readonly #deletedOnce = new Set<string>()
  /** (generation, key) → versions that were once true, so that a copy cannot invent one. */
  readonly #history = new Map<string, string>()
  readonly #options: MapWorldOptions
  readonly #random = seededRandom(1)

  constructor(options: MapWorldOptions) {
    this.#options = options
    this.copies = Array.from({ length: options.copies }, () => newCopy())
  }

  set(key: string, value: string): void {
    const entry = this.own.set(key, admitJson(value), {}, this.now)
    if (entry === undefined) return
    this.#note(key, entry.version, value)
    if (!this.#deletedOnce.has(key)) this.#lasting.add(key)
  }

  delete(key: string): void {
    const entry = this.own.delete(key, this.now)
    if (entry === undefined) return
    this.#note(key, entry.version, undefined)
    this.#lasting.delete(key)
    this.#deletedOnce.add(key)
  }

  /** Time passes, and the owner forgets what it may. */
  pass(ms: number): void {
    this.now += ms
    this.own.collect({ tombstoneGraceMs: this.#options.tombstoneGraceMs, snapshotMs: 0 }, this.now)
  }

  /** Another life of the owner with what it has. */
  restart(): void {
    this.own.beginLife(this.own.map.generation + 1, this.now)
    this.#written.clear()
    for (const entry of this.own.map.entriesAfter(0)) this.#note(entry.key, entry.version, entry.value)
  }

  /** A new process in the place of a copy: it knows nothing. */
  replace(copy: number): void {
    this.copies[copy - 1] = newCopy()
  }

  /** A copy says where it stands to another, or to the owner. */
  ask(from: number, to: number): void {
    const map = this.#mapOf(from)
    const { generation, gcVersion, maxVersionSeen } = map
    this.parcels.push({ kind: 'standing', from, to, standing: { generation, gcVersion, maxVersionSeen } })
  }

  deliver(parcel: Parcel): void {
    if (parcel.kind === 'standing') this.#answer(parcel.to, parcel.from, parcel.standing)
    else if (parcel.to > 0) this.#accept(parcel.to, parcel.text)
  }

  /** Copies ask the owner until nobody lacks anything; returns how many rounds that took. */
  settle(roundsMax: number): number {
    this.parcels = []
    for (let round = 0; round < roundsMax; round++) {
      if (this.copies.every(({ map }) => this.#isLevel(map))) return round
      for (let copy = 1; copy <= this.copies.length; copy++) {
        this.ask(copy, 0)
        for (let next = this.parcels.shift(); next !== undefined; next = this.parcels.shift()) this.deliver(next)
      }
    }
    return roundsMax
  }

  #isLevel(map: PeerMap): boolean {
    const { generation, gcVersion, maxVersionSeen } = this.own.map
    return map.generation === generation && map.gcVersion === gcVersion && map.maxVersionSeen === maxVersionSeen
  }

  #mapOf(index: number): PeerMap {
    return index === 0 ? this.own.map : (this.copies[index - 1] as Copy).map
  }

  #answer(by: number, to: number, standing: Standing): void {
    const map = this.#mapOf(by)
    const lack = lackOf(map, standing.maxVersionSeen === 0 && standing.generation <= 1 ? undefined : standing)
    if (lack === undefined) return
    const budget = { bytesMax: this.#options.bytesMax, deltasMax: NO_LIMIT }
    const order = this.#options.order ?? 'scuttle-depth'
    const { groups } = pack([{ map, transport: undefined, ...lack }], budget, order, this.#random, this.now)
    const text = JSON.stringify(groups)
    assert.ok(Buffer.byteLength(text) <= this.#options.bytesMax, 'a message within its budget')
    if (groups.length > 0) this.parcels.push({ kind: 'group', to, text })
  }

  #accept(to: number, text: string): void {
    const copy = this.copies[to - 1] as Copy
    for (const group of parseDeltas(JSON.parse(text), this.now, NO_LIMIT)) {
      const { changes } = copy.map.accept(group, this.now, NO_LIMIT)
      this.#checkTelling(copy, changes)
      const before = [copy.map.hash, copy.map.size]
      const again = copy.map.accept(group, this.now, NO_LIMIT)
      assert.equal([again.changes, copy.map.hash, copy.map.size], [[], ...before], 'twice changes nothing')
    }
    this.#checkCopy(copy)
  }

  /** What is told is what differs, and no lasting key that was once read is ever told as gone. */
  #checkTelling(copy: Copy, changes: Iterable<Change>): void {
    for (const change of changes) {
      const { key } = change
      if ('value' in change) {
        copy.told.set(key, change.value)
      } else {
        assert.ok(copy.told.has(key), `${key} told as gone and was never there`)
        assert.not(this.#lasting.has(key), `${key} vanished and was never deleted`)
        copy.told.delete(key)
      }
    }
    const shown = [...copy.map.readAll(this.now)].map(({ key, value }): [string, unknown] => [key, value])
    assert.equal(new Map(shown.sort()), new Map([...copy.told].sort()), 'what was told is what is shown')
  }

  #checkCopy(copy: Copy): void {
    const { generation, gcVersion, maxVersionSeen } = copy.map
    const triple = [generation, gcVersion, maxVersionSeen]
    assert.ok(compare(triple, copy.triple) >= 0, `${copy.triple} went down to ${triple}`)
    copy.triple = triple
    for (const { key, version, value, isTombstone } of copy.map.entriesAfter(0)) {
      const truth = this.#history.get(`${generation}/${version}`)
      assert.is(truth, described(key, isTombstone ? undefined : value), `version ${version} was never written`)
    }
    if (generation === this.own.map.generation && maxVersionSeen >= gcVersion) this.#checkPrefix(copy.map)
    if (this.#isLevel(copy.map)) assert.is(copy.map.hash, this.own.map.hash, 'equal standing, equal hash')
  }

  /** Every key whose last version is within what the copy claims stands there as the owner wrote it. */
  #checkPrefix(map: PeerMap): void {
    const held = new Map([...map.entriesAfter(0)].map((entry) => [entry.key, entry]))
    for (const [key, { version, value }] of this.#written) {
      if (version > map.maxVersionSeen) continue
      const entry = held.get(key)
      if (value === undefined) assert.ok(entry === undefined || entry.isTombstone, `${key} came back`)
      else assert.is(entry?.version, version, `${key} is a hole`)
    }
  }

  #note(key: string, version: number, value: unknown): void {
    this.#written.set(key, { version, value })
    this.#history.set(`${this.own.map.generation}/${version}`, described(key, value))
  }
}

function described(key: string, value: unknown): string {
  return `${key} = ${value === undefined ? 'gone' : String(value)}`
}

function newCopy(): Copy {
  return { map: new PeerMap('owner', 0), told: new Map(), triple: [0, 0, 0] }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at])
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number)
}
