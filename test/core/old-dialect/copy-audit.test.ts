import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { CopyAudit, OLD_DELTAS_MAX } from '../../../src/core/old-dialect/copy-audit.ts'
import type { OldDeltas } from '../../../src/core/old-dialect/old-shapes.ts'
import type { Moment } from '../../../src/core/old-dialect/recent-asks.ts'
import { PeerMap } from '../../../src/core/state/index.ts'
import { makeGroup, put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'

const copyAudit = suite('copy audit')

/** What an old peer does: it numbers writes, keeps the last of each key, and answers with the five lowest it was asked for. */
class OldOwner {
  maxVersion = 1
  readonly #entries = new Map<string, { key: string; value: JsonValue; version: number }>()

  write(key: string, value: JsonValue): void {
    this.#entries.set(key, { key, value, version: ++this.maxVersion })
  }

  answer(askedFrom: number): OldDeltas {
    const lacking = [...this.#entries.values()].filter((entry) => entry.version > askedFrom)
    const entries = lacking.sort((a, b) => a.version - b.version).slice(0, OLD_DELTAS_MAX)
    return { entries, count: entries.length }
  }

  get shown(): string {
    return shownOf([...this.#entries.values()])
  }
}

/** A copy and its audit, with a clock. */
class Copy {
  readonly map: PeerMap = new PeerMap('owner', 1)
  readonly audit: CopyAudit = new CopyAudit()
  at: Moment = { now: 0, rounds: 0 }

  constructor() {
    // A life begins with version 1, below its first key.
    this.map.accept(makeGroup([], { maxVersion: 1 }), 0, 1e9)
  }

  pass(ms: number): void {
    this.at = { now: this.at.now + ms, rounds: this.at.rounds + Math.ceil(ms / 1_000) }
  }

  ask(): number {
    return this.audit.versionToAsk(this.map, this.at)
  }

  /** Takes an answer in; whether it contradicts the copy. */
  take(answer: OldDeltas): boolean {
    if (this.audit.isContradicted(this.map, answer, this.at)) return true
    const from = this.map.maxVersionSeen
    const entries = answer.entries.filter((entry) => entry.version > from)
    const group = makeGroup(
      entries.map(({ key, version, value }) => put(key, version, value ?? null)),
      { from },
    )
    if (entries.length > 0) assert.is(this.map.accept(group, 0, 1e9).verdict, 'applied')
    return false
  }

  get shown(): string {
    return shownOf([...this.map.entriesAfter(0)])
  }
}

function shownOf(entries: readonly { key: string; value: JsonValue | undefined; version: number }[]): string {
  return JSON.stringify(entries.map(({ key, value, version }) => [version, key, value]).sort())
}

/** A copy that has read all of an owner, and has settled. */
function copyOf(owner: OldOwner): Copy {
  const copy = new Copy()
  for (let i = 0; i < 40; i++) {
    copy.audit.noteClaim(owner.maxVersion)
    assert.not(copy.take(owner.answer(copy.ask())))
    copy.pass(1_000)
  }
  assert.is(copy.shown, owner.shown)
  return copy
}

function ownerOf(writes: readonly (readonly [key: string, value: JsonValue])[]): OldOwner {
  const owner = new OldOwner()
  for (const [key, value] of writes) owner.write(key, value)
  return owner
}

/** How many exchanges it takes until another life is found out. */
function exchangesUntilFound(copy: Copy, owner: OldOwner, limit = 400): number {
  for (let i = 1; i <= limit; i++) {
    copy.audit.noteClaim(owner.maxVersion)
    if (copy.take(owner.answer(copy.ask()))) return i
    copy.pass(1_000)
  }
  return Number.POSITIVE_INFINITY
}

const MANY = Array.from({ length: 30 }, (_, i) => [`k${i}`, i] as const)

copyAudit('a copy is read to its end, five keys at a time, and then asked for its last key', () => {
  const copy = copyOf(ownerOf(MANY))
  assert.is(copy.ask(), 30)
})

copyAudit('a walk asks from the start upwards once a minute', () => {
  const owner = ownerOf(MANY)
  const copy = copyOf(owner)
  const asked: number[] = []
  for (let i = 0; i < 70; i++) {
    asked.push(copy.ask())
    assert.not(copy.take(owner.answer(asked.at(-1) as number)))
    copy.pass(1_000)
  }
  const walk = [...new Set(asked.slice(asked.indexOf(1)))]
  assert.equal(walk, [1, 6, 11, 16, 21, 26, 30])
})

copyAudit('a life that differs in the last key is found out by the next answer', () => {
  const copy = copyOf(ownerOf(MANY))
  assert.is(exchangesUntilFound(copy, ownerOf([...MANY.slice(0, -1), ['k29', 'other']])), 1)
})

copyAudit('a life that differs in one key only, wherever it is, is found out', () => {
  for (const differing of [0, 7, 14, 28]) {
    const copy = copyOf(ownerOf(MANY))
    const other = MANY.map(([key, value], i) => [key, i === differing ? 'other' : value] as const)
    assert.ok(exchangesUntilFound(copy, ownerOf(other)) < 100, `key ${differing}`)
  }
})

copyAudit('keys that the new life lacks are found out, though all it has is right', () => {
  const copy = copyOf(ownerOf(MANY))
  const fewer = MANY.map(([, value], i) => [i < 10 ? 'k10' : `k${i}`, i < 10 ? 10 : value] as const)
  assert.ok(exchangesUntilFound(copy, ownerOf(fewer)) < 100)
})

copyAudit('keys that the copy lacks are found out, though all it has is right', () => {
  const fewer = MANY.map(([, value], i) => [i < 10 ? 'k10' : `k${i}`, i < 10 ? 10 : value] as const)
  const copy = copyOf(ownerOf(fewer))
  assert.ok(exchangesUntilFound(copy, ownerOf(MANY)) < 100)
})

copyAudit('a life that has outgrown the copy is found out before anything of it is taken', () => {
  const copy = copyOf(ownerOf(MANY.slice(0, 4)))
  const other = ownerOf([
    ['a', 1],
    ['b', 1],
    ['c', 1],
    ['d', 1],
    ['e', 1],
  ])
  const { shown } = copy
  assert.is(exchangesUntilFound(copy, other), 1)
  assert.is(copy.shown, shown)
})

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
const write = fc.tuple(key, fc.nat(1))
const step = fc.record({
  writes: fc.array(write, { maxLength: 4 }),
  waitMs: fc.nat(2_000),
  delayMs: fc.nat(2_400),
  backMs: fc.nat(2_400),
})

copyAudit('one life never contradicts its copy, whatever is late or overtaken', () => {
  checkProperty(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [owner, copy] = [new OldOwner(), new Copy()]
      const due: { at: number; run: () => void }[] = []
      const runUntil = (now: number): void => {
        for (;;) {
          const next = due.sort((a, b) => a.at - b.at)[0]
          if (next === undefined || next.at > now) break
          due.shift()
          copy.pass(next.at - copy.at.now)
          next.run()
        }
        copy.pass(now - copy.at.now)
      }
      for (const { writes, waitMs, delayMs, backMs } of [...steps, ...steps]) {
        for (const [k, value] of writes) owner.write(k, value)
        const askedFrom = copy.ask()
        const { now } = copy.at
        const claim = owner.maxVersion
        due.push({ at: now + backMs, run: () => copy.audit.noteClaim(claim) })
        due.push({
          at: now + delayMs,
          run: () => {
            const answer = owner.answer(askedFrom)
            due.push({ at: now + delayMs + backMs, run: () => assert.not(copy.take(answer)) })
          },
        })
        runUntil(now + waitMs)
      }
    }),
  )
})

copyAudit('a copy of another life is found out, or made right', () => {
  const life = fc.array(write, { maxLength: 14 })
  checkProperty(
    fc.property(life, life, (former, present) => {
      const copy = copyOf(ownerOf(former))
      const owner = ownerOf(present)
      // A life that is shorter than the former one is found out by what it claims of itself.
      for (let i = present.length; i < former.length; i++) owner.write('a', 0)
      assert.ok(exchangesUntilFound(copy, owner, 200) < 200 || copy.shown === owner.shown)
    }),
  )
})

copyAudit.run()
