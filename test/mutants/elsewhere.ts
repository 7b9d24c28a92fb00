/** What of the rules no simulated scenario can see, or not as wrong, and which tests break instead when it is broken. */

import type { Rule } from './mutant.ts'

/** A part of a rule that mutants leave alone. */
export interface CoveredElsewhere {
  readonly rule: Rule
  readonly part: string
  /** Why a scenario does not see it. */
  readonly why: string
  /** The test files that see it, from the root of the repository. */
  readonly tests: readonly string[]
}

const STATE = 'test/core/rules/state.test.ts'
const EXCHANGE = 'test/core/rules/exchange.test.ts'
const IDENTITY = 'test/core/rules/identity.test.ts'
const LIFE = 'test/core/rules/life.test.ts'

/** In the order of the rules. */
export const COVERED_ELSEWHERE: readonly CoveredElsewhere[] = [
  {
    rule: 'R7',
    part: 'what is no JSON is refused by set()',
    why: 'scenarios are JSON themselves',
    tests: [STATE, 'test/core/json/admit.test.ts'],
  },
  {
    rule: 'R9',
    part: 'without a claim, and outside of one, absence means nothing',
    why: 'every node makes claims; what is sent for nothing is refused by its receiver and does no harm',
    tests: [EXCHANGE],
  },
  {
    rule: 'R9',
    part: 'the prior of phi grows with the pages',
    why: 'it takes dozens of pages for a round through them to come near a verdict',
    tests: [EXCHANGE, 'test/core/membership/phi-detector.test.ts'],
  },
  {
    rule: 'R12',
    part: 'a part of a snapshot does not begin a reset',
    why: 'no whole engine sends one that could: whoever is below its gcVersion gets all of it',
    tests: [EXCHANGE, 'test/core/state/peer-map.test.ts'],
  },
  {
    rule: 'R12',
    part: 'half-way through a snapshot an older one that ends below it is refused',
    why: 'whoever answers sees where the asker stands and sends no such group; only an answer that a reset overtakes could be one',
    tests: [EXCHANGE, 'test/core/state/peer-map.test.ts'],
  },
  {
    rule: 'R14',
    part: 'my own generation ahead of me, at another address, or in a removal record is left by a takeover',
    why: 'every process of a scenario has a generation of its own, and who is removed beats on and comes back by that',
    tests: [IDENTITY],
  },
  {
    rule: 'R15',
    part: 'digests of another cluster and deltas of strangers are not read',
    why: 'a simulation is one cluster',
    tests: [IDENTITY, 'test/core/engine/hostile.test.ts'],
  },
  {
    rule: 'R15',
    part: 'deltas of somebody who was asked are read before he has introduced himself',
    why: 'his step-2 digest goes first and introduces him',
    tests: ['test/core/engine/engine.test.ts', IDENTITY],
  },
  {
    rule: 'R13',
    part: 'what fits no message goes in bulk, and holds up nothing meanwhile',
    why: 'the world of scenarios carries messages only',
    tests: [EXCHANGE, 'test/core/engine/bulk.test.ts', 'test/core/engine/schedules.test.ts', 'test/tcp/bulk.test.ts'],
  },
  {
    rule: 'R16',
    part: 'another life of an old peer is noticed, and nothing of the former one is read',
    why: 'old peers keep former lives for ever, so that scenarios with them begin none',
    tests: ['test/core/old-dialect/restarts.test.ts'],
  },
  {
    rule: 'R16',
    part: 'the bytes old peers are sent, and what they can be sent without harm',
    why: 'a model of an old peer runs in scenarios; the real package runs in its own tests',
    tests: ['test/core/old-dialect/digests.test.ts', 'test/interop/old-package.test.ts'],
  },
  {
    rule: 'R18',
    part: 'long gaps are clipped and not dropped; the normal model',
    why: 'the difference is in how often a very bad network is misjudged, which nothing in a scenario forbids',
    tests: [LIFE, 'test/core/membership/phi-detector.test.ts', 'test/core/membership/phi.test.ts'],
  },
  {
    rule: 'R22',
    part: 'a new life that is known by its deltas alone is unproven, whoever tells of it',
    why: 'a digest must tell of the life before its first heartbeat does, about once in thousands of scenarios',
    tests: ['test/core/rules/coming-and-going.test.ts'],
  },
  {
    rule: 'R23',
    part: 'generations are taken with chance',
    why: 'two processes that move on at the same moment meet again in one case of a thousand',
    tests: ['test/core/rules/coming-and-going.test.ts'],
  },
  {
    rule: 'R23',
    part: 'a generation is durable before the first message carries it, and rises above the stored one',
    why: 'the disk of a simulated machine is written by the simulator, not by the storage',
    tests: ['test/core/durable/writing.test.ts', 'test/core/durable/restart.test.ts', 'test/storage/kills.test.ts'],
  },
]
