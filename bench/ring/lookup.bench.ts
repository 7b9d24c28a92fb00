/**
 * What does a ring of many members cost? A lookup should grow with the logarithm of the members, and a member that comes
 * or goes cost one walk over all tokens. The note says how far the heaviest and the lightest load are from the mean.
 */

import { seededRandom } from '../../src/core/index.ts'
import { Circle, type Member, memberOf } from '../../src/ring/circle.ts'
import { CIRCLE, PROBES, placesOfValue } from '../../src/ring/places.ts'
import { type AnySubject, measure, subject } from '../harness/measure.ts'
import type { BenchFile } from '../harness/report.ts'

const VIRTUAL_NODES = 128
const SMALL = 10
const LARGE = 1_000
const LOOKUPS = 1_000
const LOADS_VALUES = 400_000

/** The bench. */
export const bench: BenchFile = {
  question: `${LOOKUPS} lookups, and one member more or less, at ${VIRTUAL_NODES} virtual nodes`,
  run: () =>
    measure(
      [
        lookups(SMALL, 1),
        { ...lookups(100, 1), against: lookupsName(SMALL, 1), note: loadsOf(100) },
        { ...lookups(LARGE, 1), against: lookupsName(SMALL, 1) },
        { ...lookups(LARGE, 3), against: lookupsName(LARGE, 1) },
        comes(LARGE),
        goes(LARGE),
        subject({ name: 'tokens of a member', prepare: () => undefined, run: () => memberOf('a peer', VIRTUAL_NODES) }),
        starts(LARGE),
      ],
      800,
    ),
}

function members(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, index) => memberOf(`peer ${index}`, VIRTUAL_NODES))
}

function circleOf(count: number): Circle {
  return new Circle().with({ joining: members(count) })
}

function lookupsName(count: number, owners: number): string {
  return `${owners} owner${owners > 1 ? 's' : ''} of ${count}`
}

function lookups(count: number, owners: number): AnySubject {
  const circle = circleOf(count)
  return subject({
    name: lookupsName(count, owners),
    amount: { count: LOOKUPS, unit: 'lookups' },
    ...(count === SMALL ? { note: loadsOf(SMALL) } : {}),
    prepare: () => undefined,
    run: () => {
      let found = 0
      for (let value = 0; value < LOOKUPS; value++) {
        found += circle.ownersOf(placesOfValue(`user:${value}`), owners).length
      }
      return found
    },
  })
}

function comes(count: number): AnySubject {
  const circle = circleOf(count)
  const joining = [memberOf('newcomer', VIRTUAL_NODES)]
  return subject({ name: `one comes to ${count}`, prepare: () => circle, run: (before) => before.with({ joining }) })
}

function goes(count: number): AnySubject {
  const circle = circleOf(count)
  const leaving = new Set(['peer 7'])
  return subject({ name: `one of ${count} goes`, prepare: () => circle, run: (before) => before.with({ leaving }) })
}

function starts(count: number): AnySubject {
  const joining = members(count)
  return subject({
    name: `${count} come at once`,
    prepare: () => new Circle(),
    run: (empty) => empty.with({ joining }),
  })
}

/** Loads by places drawn evenly, since hashing as many values would take most of the time. */
function loadsOf(count: number): string {
  const circle = circleOf(count)
  const loads = new Map<string, number>()
  const places = new Float64Array(PROBES)
  const random = seededRandom(20_080_915)
  for (let value = 0; value < LOADS_VALUES; value++) {
    for (let probe = 0; probe < PROBES; probe++) places[probe] = Math.floor(random() * CIRCLE)
    const id = circle.ownerOf(places)?.id ?? ''
    loads.set(id, (loads.get(id) ?? 0) + 1)
  }
  const shares = [...loads.values()].map((load) => (load * count) / LOADS_VALUES)
  return `loads ${Math.min(...shares).toFixed(3)} to ${Math.max(...shares).toFixed(3)} of the mean`
}
