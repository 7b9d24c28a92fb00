/** Breakages of who is held to be alive, dead, gone: R17 to R22. */

import type { Mutant } from '../mutant.ts'

const ROUND = 'src/core/engine/round.ts'
const MEET = 'src/core/engine/meet.ts'
const LIVENESS = 'src/core/membership/liveness.ts'
const DETECTOR = 'src/core/membership/phi-detector.ts'
const REMOVALS = 'src/core/membership/removals.ts'

/** In the order of the rules. */
export const LIFE_BREAKAGES: readonly Mutant[] = [
  {
    name: 'heart-does-not-beat',
    rule: 'R17',
    file: ROUND,
    find: 'if (!context.hasLeft) context.heartbeat++',
    replace: 'if (!context.hasLeft) context.heartbeat ||= 1',
  },
  {
    name: 'heartbeat-bumped-on-receipt',
    rule: 'R17',
    file: 'src/core/engine/receive.ts',
    find: 'context.stats.digestsReceived++',
    replace: 'context.stats.digestsReceived++\n  if (!context.hasLeft) context.heartbeat++',
  },
  {
    name: 'older-heartbeat-believed',
    rule: 'R17',
    file: LIVENESS,
    find: 'if (news.heartbeat < peer.heartbeat) return undefined',
    replace: '',
  },
  {
    name: 'repeated-heartbeat-is-life',
    rule: 'R17',
    file: LIVENESS,
    find: '    takeLargerSilence(peer, news, at)\n    return undefined',
    replace: '    peer.setHeardAt(at)\n    return undefined',
  },
  {
    name: 'heartbeat-outlives-its-generation',
    rule: 'R17',
    file: 'src/core/membership/peer.ts',
    find: 'this.heartbeat = UNHEARD',
    replace: 'this.heartbeat += 0',
  },
  {
    name: 'pair-of-a-former-life-believed',
    rule: 'R17',
    file: 'src/core/engine/read-digest.ts',
    find: ' && !table.isAdoptedSince(row, answers)',
    replace: '',
    stage: 'lives',
  },
  {
    name: 'early-verdicts',
    rule: 'R18',
    file: DETECTOR,
    find: 'return phi > this.#options.deadPeerPhi',
    replace: 'return phi > this.#options.deadPeerPhi / 4',
    stage: 'calm',
  },
  {
    name: 'late-verdicts',
    rule: 'R18',
    file: DETECTOR,
    find: 'return phi > this.#options.deadPeerPhi',
    replace: 'return phi > this.#options.deadPeerPhi * 4',
  },
  {
    name: 'first-sighting-is-life',
    rule: 'R19',
    file: LIVENESS,
    find: 'if (kind === LIVE || (isFirst && kind === UNPROVEN)) return undefined',
    replace: 'if (kind === LIVE) return undefined',
  },
  {
    name: 'unproven-for-ever',
    rule: 'R19',
    file: LIVENESS,
    find: 'if (kind !== LIVE && kind !== UNPROVEN) return undefined',
    replace: 'if (kind !== LIVE) return undefined',
  },
  {
    name: 'dead-by-hearsay-is-hoped-for',
    rule: 'R19',
    file: MEET,
    find: "    peer.status = 'dead'\n",
    replace: '',
  },
  {
    name: 'rise-told-of-the-dead-revives',
    rule: 'R19',
    file: LIVENESS,
    find: 'if (news.silentMs !== undefined) return riseOfTheDead(peer, news, at, news.silentMs)',
    replace: '',
  },
  {
    name: 'own-stall-held-against-others',
    rule: 'R20',
    file: 'src/core/membership/stall-clock.ts',
    find: 'this.#stalledMs += lateMs',
    replace: 'this.#stalledMs += lateMs * 0',
  },
  {
    name: 'the-living-retired',
    rule: 'R21',
    file: ROUND,
    find: 'if ((kind !== DEAD && kind !== LEFT_KIND) || ',
    replace: 'if ((kind !== DEAD && kind !== LEFT_KIND && kind !== LIVE && kind !== UNPROVEN) || ',
  },
  {
    name: 'the-dead-never-retired',
    rule: 'R21',
    file: ROUND,
    find: 'if ((kind !== DEAD && kind !== LEFT_KIND) || ',
    replace: 'if (kind !== LEFT_KIND || ',
  },
  {
    name: 'grace-starts-again-with-a-newcomer',
    rule: 'R21',
    file: LIVENESS,
    find: "if (news.silentMs === undefined || peer.status === 'live') return\n",
    replace: "if (news.silentMs !== undefined || peer.status === 'live') return\n",
    stage: 'forgetful',
  },
  {
    name: 'removed-peer-returns-at-the-same-heartbeat',
    rule: 'R21',
    file: REMOVALS,
    find: 'heartbeat <= record.heartbeat)',
    replace: 'heartbeat < record.heartbeat)',
    stage: 'forgetful',
  },
  {
    name: 'removed-peer-returns-by-a-group',
    rule: 'R21',
    file: MEET,
    find: 'if (record !== undefined && group.generation <= record.generation) return undefined',
    replace: '',
    stage: 'forgetful',
  },
  {
    name: 'newer-life-removed-by-an-old-record',
    rule: 'R21',
    file: MEET,
    find: 'if (known?.isNewerThan(entry.generation, entry.heartbeat)) return',
    replace: '',
    stage: 'forgetful',
  },
  {
    name: 'record-kept-beside-the-peer',
    rule: 'R21',
    file: 'src/core/engine/roster.ts',
    find: '    this.removals.delete(id)\n',
    replace: '',
    stage: 'forgetful',
  },
  {
    name: 'goodbye-is-a-heartbeat',
    rule: 'R22',
    file: LIVENESS,
    find: 'if (news.heartbeat === LEFT_HEARTBEAT) return leave(peer, news, at)',
    replace: '',
  },
  {
    name: 'goodbye-not-acknowledged',
    rule: 'R22',
    file: 'src/core/engine/answer.ts',
    find: 'if (own.heartbeat === LEFT_HEARTBEAT && peer.heartbeat === LEFT_HEARTBEAT) this.#want(peer, false)',
    replace: '',
  },
  {
    name: 'heart-beats-on-after-goodbye',
    rule: 'R22',
    file: ROUND,
    find: 'if (!context.hasLeft) context.heartbeat++',
    replace: 'context.heartbeat++',
  },
]
