import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Circle, type Member, memberOf } from '../../src/ring/circle.ts'
import { CIRCLE, distance, PROBES, placesOfValue } from '../../src/ring/places.ts'
import { checkProperty } from '../harness/property.ts'
import { seededRandom } from '../harness/seeded-random.ts'

const circles = suite('ring: circle')

function memberAt(id: string, tokens: readonly number[]): Member {
  return { id, place: tokens[0] as number, tokens: Float64Array.from(tokens).sort() }
}

function circleOf(members: readonly Member[]): Circle {
  return new Circle().with({ joining: members })
}

function named(count: number, virtualNodes: number = 128): Member[] {
  return Array.from({ length: count }, (_, index) => memberOf(`peer ${index}`, virtualNodes))
}

/** The rule itself, by trying everything: the least distance of any place to any token, then the id. */
function ranked(members: readonly Member[], places: Float64Array): string[] {
  const least = ({ tokens }: Member): number =>
    Math.min(...[...places].flatMap((place) => [...tokens].map((token) => distance(place, token))))
  return members
    .map((member) => ({ id: member.id, least: least(member) }))
    .sort((a, b) => a.least - b.least || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

/** Members that crowd a few tokens, at both ends of the circle, so that ties and the way round are common. */
const place = fc.oneof(
  fc.nat(9),
  fc.nat(9).map((number) => CIRCLE - 1 - number),
)
const members = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.array(place, { minLength: 1, maxLength: 4 })), {
    selector: ([id]) => id,
    maxLength: 8,
  })
  .map((list) => list.map(([id, tokens]) => memberAt(id, tokens)))
const places = fc.array(place, { minLength: PROBES, maxLength: PROBES }).map((list) => Float64Array.from(list))

const ids = (list: readonly Member[]): string[] => list.map(({ id }) => id)

circles('S4.11 owners are ranked by the least distance of any place to any token, equal ones by id', () => {
  checkProperty(
    fc.property(members, places, fc.integer({ min: 1, max: 10 }), (list, of, count) => {
      const circle = circleOf(list)
      assert.equal(ids(circle.ownersOf(of, count)), ranked(list, of).slice(0, count))
      assert.is(circle.ownerOf(of)?.id, ranked(list, of)[0])
    }),
    { numRuns: 500 },
  )
})

circles('S4.11 who comes in which order makes no difference', () => {
  checkProperty(
    fc.property(members, fc.array(members, { maxLength: 4 }), places, (list, others, of) => {
      let circle = new Circle()
      for (const other of others) {
        circle = circle.with({ joining: other })
        circle = circle.with({ leaving: new Set(ids(other)) })
      }
      for (const member of [...list].reverse()) circle = circle.with({ joining: [member] })
      assert.equal(ids(circle.members), ids(circleOf(list).members))
      assert.equal(ids(circle.ownersOf(of, 10)), ids(circleOf(list).ownersOf(of, 10)))
    }),
  )
})

circles('S4.11 one member less moves only its own values, each to the next of its owners', () => {
  checkProperty(
    fc.property(members, places, fc.nat(7), (list, of, which) => {
      fc.pre(list.length > 1)
      const gone = (list[which % list.length] as Member).id
      const circle = circleOf(list)
      const before = ids(circle.ownersOf(of, 10))
      const after = ids(circle.with({ leaving: new Set([gone]) }).ownersOf(of, 10))
      assert.equal(
        after,
        before.filter((id) => id !== gone),
      )
    }),
  )
})

circles('S4.11 one member more takes what it owns and moves nothing else: about one part in n', () => {
  const random = seededRandom(7)
  const values = Array.from({ length: 20_000 }, () =>
    Float64Array.from({ length: PROBES }, () => Math.floor(random() * CIRCLE)),
  )
  for (const count of [1, 2, 9, 40]) {
    const before = circleOf(named(count))
    const newcomer = memberOf('newcomer', 128)
    const after = before.with({ joining: [newcomer] })
    let moved = 0
    for (const value of values) {
      const [was, is] = [before.ownerOf(value)?.id, after.ownerOf(value)?.id]
      if (was === is) continue
      assert.is(is, 'newcomer')
      moved++
    }
    const share = moved / values.length
    assert.ok(share > 0 && share < 1.12 / (count + 1), `${share} of the values moved to the newcomer beside ${count}`)
  }
})

circles('S4.11 at 128 virtual nodes nobody owns a tenth more or less than the mean', () => {
  const random = seededRandom(11)
  // So many that chance alone moves a load by a hundredth (ten members) or a fiftieth (fifty): not by a tenth.
  for (const [count, values] of [
    [3, 30_000],
    [10, 100_000],
    [50, 125_000],
  ] as const) {
    const circle = circleOf(named(count))
    const loads = new Map<string, number>()
    const of = new Float64Array(PROBES)
    for (let value = 0; value < values; value++) {
      for (let probe = 0; probe < PROBES; probe++) of[probe] = Math.floor(random() * CIRCLE)
      const id = circle.ownerOf(of)?.id as string
      loads.set(id, (loads.get(id) ?? 0) + 1)
    }
    assert.is(loads.size, count)
    for (const [id, load] of loads) {
      const ratio = load / (values / count)
      assert.ok(Math.abs(ratio - 1) <= 0.1, `${id} of ${count} has ${ratio} of the mean`)
    }
  }
})

circles('S4.16 names that differ in one character are balanced as any others', () => {
  const circle = circleOf(named(10))
  const loads = new Map<string, number>()
  for (let value = 0; value < 20_000; value++) {
    const id = circle.ownerOf(placesOfValue(`user:${value}`))?.id as string
    loads.set(id, (loads.get(id) ?? 0) + 1)
  }
  for (const load of loads.values()) assert.ok(load > 1_750 && load < 2_250, String(load))
})

circles('S4.18 neighbours are next in the order of places, round the circle, equal places by id', () => {
  checkProperty(
    fc.property(members, fc.tuple(fc.string({ maxLength: 3 }), place), (list, [id, at]) => {
      const circle = circleOf(list)
      const who = list.find((member) => member.id === id) ?? memberAt(id, [at])
      const others = list.filter((member) => member.id !== id)
      const order = [...others, who].sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1))
      const index = order.indexOf(who)
      const { successor, predecessor } = circle.neighboursOf(who)
      const wanted = (step: number): string | undefined =>
        others.length === 0 ? undefined : order[(index + step + order.length) % order.length]?.id
      assert.equal([successor?.id, predecessor?.id], [wanted(1), wanted(-1)])
    }),
    { numRuns: 500 },
  )
})

circles('S4.18 every member is the predecessor of its successor', () => {
  const circle = circleOf(named(30))
  for (const member of circle.members) {
    const { successor } = circle.neighboursOf(member)
    assert.is(circle.neighboursOf(successor as Member).predecessor?.id, member.id)
  }
})

circles('who is there already does not come twice', () => {
  const circle = circleOf(named(3))
  assert.equal(ids(circle.with({ joining: named(3) }).members), ids(circle.members))
})

circles('without members there are no owners and no neighbours', () => {
  assert.is(new Circle().ownerOf(placesOfValue('a')), undefined)
  assert.equal(new Circle().ownersOf(placesOfValue('a'), 3), [])
  assert.is(new Circle().neighboursOf(memberOf('a', 1)).successor, undefined)
})

circles.run()
