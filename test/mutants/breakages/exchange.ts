/** Breakages of what is sent, to whom, and how much: R8 to R11, R13, R15, R16 and R24. */

import type { Mutant } from '../mutant.ts'

const ANSWER = 'src/core/engine/answer.ts'
const ROUND = 'src/core/engine/round.ts'
const RECEIVE = 'src/core/engine/receive.ts'
const PACK = 'src/core/flow/pack.ts'
const LACK = 'src/core/reconcile/lack.ts'
const TARGETS = 'src/core/membership/targets.ts'
const OLD_DIALECT = 'src/core/old-dialect/old-dialect.ts'

/** In the order of the rules. */
export const EXCHANGE_BREAKAGES: readonly Mutant[] = [
  {
    name: 'maps-of-the-dead-not-passed-on',
    rule: 'R8',
    file: ANSWER,
    find: 'const lack = lackOf(peer, theirs)\n    if (lack === undefined) return',
    replace: "const lack = lackOf(peer, theirs)\n    if (lack === undefined || peer.status === 'dead') return",
  },
  {
    name: 'answer-to-a-former-life-believed',
    rule: 'R10',
    file: RECEIVE,
    find: 'const isMine = digest.answers !== undefined && digest.asker === context.generation',
    replace: 'const isMine = digest.answers !== undefined',
  },
  {
    name: 'claim-wider-than-the-page',
    rule: 'R9',
    file: 'src/core/reconcile/digest-page.ts',
    find: 'return pageOf(source, { from, to: next < entries.to',
    replace: 'return pageOf(source, { from: null, to: next < entries.to',
    stage: 'narrow',
  },
  {
    name: 'always-the-first-page',
    rule: 'R9',
    file: ROUND,
    find: 'context.pageStart = next',
    replace: 'context.pageStart = 0',
    stage: 'narrow',
  },
  {
    name: 'absent-peers-not-told',
    rule: 'R9',
    file: ANSWER,
    find: 'if (claim === undefined) return',
    replace: 'if (claim === undefined || claim !== undefined) return',
  },
  {
    name: 'no-second-step',
    rule: 'R10',
    file: ANSWER,
    find: '      this.introduce(remote)\n',
    replace: '',
  },
  {
    name: 'second-step-answered-like-a-first',
    rule: 'R10',
    file: ANSWER,
    find: 'return this.#digest.step === 1',
    replace: 'return this.#digest.step > 0',
  },
  {
    name: 'second-step-not-answered',
    rule: 'R10',
    file: ANSWER,
    find: 'sendDeltas(this.#context, remote, this.#candidates, this.#now)\n  }',
    replace: 'if (this.#isToFirstStep) sendDeltas(this.#context, remote, this.#candidates, this.#now)\n  }',
  },
  {
    name: 'heartbeats-not-passed-on',
    rule: 'R10',
    file: ANSWER,
    find: '    this.#beats.push(row)\n',
    replace: '    this.#beats.length *= row >= 0 ? 1 : 0\n',
  },
  {
    name: 'vouches-beyond-the-cut',
    rule: 'R11',
    file: PACK,
    find: 'return this.isCut ? this.#lastVersion : this.candidate.map.maxVersionSeen',
    replace: 'return this.candidate.map.maxVersionSeen',
  },
  {
    name: 'byte-budget-of-deltas-ignored',
    rule: 'R11',
    file: PACK,
    find: 'this.#bytes + bytes <= this.#budget.bytesMax && ',
    replace: '',
  },
  {
    name: 'byte-budget-passed-by-one-entry',
    rule: 'R11',
    file: PACK,
    find: 'this.#bytes + bytes <= this.#budget.bytesMax && ',
    replace: 'this.#bytes < this.#budget.bytesMax && ',
  },
  {
    name: 'count-of-deltas-ignored',
    rule: 'R11',
    file: PACK,
    find: 'this.#count < this.#budget.deltasMax',
    replace: 'this.#count <= this.#budget.deltasMax',
  },
  {
    name: 'budget-of-the-second-step-ignored',
    rule: 'R11',
    file: ANSWER,
    find: 'this.#restBytes -= bytes',
    replace: 'this.#restBytes -= bytes * 0',
    stage: 'narrow',
  },
  {
    name: 'group-starts-where-nobody-stands',
    rule: 'R11',
    file: LACK,
    find: 'return { from: Math.min(theirs.maxVersionSeen, mine.maxVersionSeen), maxVersionMin }',
    replace: 'return { from: theirs.maxVersionSeen + 1, maxVersionMin }',
  },
  {
    name: 'no-snapshot-for-whom-tombstones-are-gone',
    rule: 'R11',
    file: LACK,
    find: 'if (isUncollected && theirs.maxVersionSeen < mine.gcVersion) return { from: 0, maxVersionMin: 0 }',
    replace: '',
  },
  {
    name: 'raised-gc-version-not-told',
    rule: 'R11',
    file: LACK,
    find: 'if (!isBehind && !isUncollected) return undefined',
    replace: 'if (!isBehind) return undefined',
  },
  {
    name: 'value-over-the-message-accepted',
    rule: 'R13',
    file: 'src/core/engine/engine.ts',
    find: 'if (!bulks.isAble && aroundBytes + bytes > deltaBytesMax) {',
    replace: 'if (aroundBytes + bytes < 0) {',
  },
  {
    name: 'introduction-forgotten',
    rule: 'R15',
    file: RECEIVE,
    find: 'context.senders.admit(remote.id)',
    replace: 'context.stats.rounds += 0',
  },
  {
    name: 'old-peer-gets-the-new-dialect',
    rule: 'R16',
    file: OLD_DIALECT,
    find: "if (isOld) return isAccepted && !isLeaving ? 'old' : 'nobody'",
    replace: "if (isOld) return isAccepted && !isLeaving ? 'new' : 'nobody'",
    stage: 'old',
  },
  {
    name: 'old-peer-has-no-heartbeat',
    rule: 'R16',
    file: OLD_DIALECT,
    find: 'const heartbeat = record.beat(at) ? peer.heartbeat + 1 : peer.heartbeat',
    replace: 'const { heartbeat } = peer',
    stage: 'old',
  },
  {
    name: 'seeds-never-tried-again',
    rule: 'R24',
    file: TARGETS,
    find: 'return random() < from.seeds.length / (from.liveCount + 1)',
    replace: 'return false',
  },
  {
    name: 'the-dead-never-tried-again',
    rule: 'R24',
    file: TARGETS,
    find: 'if (from.dead.length > 0 && random() < deadChance) targets.push(pick(from.dead, random))',
    replace: 'if (deadChance < 0) targets.push(pick(from.dead, random))',
  },
  {
    name: 'unproven-peers-not-contacted',
    rule: 'R24',
    file: ROUND,
    find: 'new AddressedPeers(table, [LIVE, UNPROVEN])',
    replace: 'new AddressedPeers(table, UNPROVEN > 0 ? [LIVE] : [])',
  },
]
