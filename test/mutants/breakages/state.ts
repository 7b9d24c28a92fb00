/** Breakages of what one copy of a map is: R1 to R7 and R12. */

import type { Mutant } from '../mutant.ts'

const PEER_MAP = 'src/core/state/peer-map.ts'
const OWN_MAP = 'src/core/state/own-map.ts'
const GROUP = 'src/core/state/group.ts'
const MEET = 'src/core/engine/meet.ts'
const ROUND = 'src/core/engine/round.ts'
const PARSE_DELTAS = 'src/core/reconcile/parse-deltas.ts'

/** In the order of the rules. */
export const STATE_BREAKAGES: readonly Mutant[] = [
  {
    name: 'empty-life-without-a-first-group',
    rule: 'R1',
    file: PEER_MAP,
    find: 'const maxVersionSeen = Math.max(1, entries.length)',
    replace: 'const maxVersionSeen = entries.length',
  },
  {
    name: 'new-life-keeps-the-old-numbers',
    rule: 'R1',
    file: OWN_MAP,
    find: 'renumbered(entry, index + 1, now)',
    replace: 'renumbered(entry, entry.version + index - index, now)',
  },
  {
    name: 'group-of-an-earlier-life-applied',
    rule: 'R1',
    file: PEER_MAP,
    find: "if (group.generation < numbers.generation) return refused('outdated')",
    replace: '',
  },
  {
    name: 'generation-of-a-group-ignored',
    rule: 'R1',
    file: MEET,
    find: 'if (group.generation > known.generation) {',
    replace: 'if (group.generation < 0) {',
    why: 'The map moves on by itself; the heartbeat of the former life stays.',
  },
  {
    name: 'old-map-dropped-at-a-new-life',
    rule: 'R1',
    file: PEER_MAP,
    find: 'if (!numbers.isStale) {',
    replace: 'if (numbers.generation > 0) {',
    why: 'A second reset in succession shows the half of the first.',
  },
  {
    name: 'equal-value-takes-a-version',
    rule: 'R2',
    file: OWN_MAP,
    find: 'deepEqual(present.value, admitted.value)',
    replace: 'present.value === admitted.value',
  },
  {
    name: 'lapsed-lease-without-a-tombstone',
    rule: 'R2',
    file: ROUND,
    find: 'if (map === context.own.map) context.own.delete(entry.key, now)',
    replace: 'if (map === context.own.map) context.stats.rounds += 0',
  },
  {
    name: 'lease-lost-on-the-way',
    rule: 'R2',
    file: PARSE_DELTAS,
    find: 'item.length === 4 ? now + ',
    replace: 'item.length === 5 ? now + ',
  },
  {
    name: 'lease-renewed-by-every-relay',
    rule: 'R2',
    file: GROUP,
    find: 'return Math.max(0, Math.floor(expiresAt - now))',
    replace: 'return Math.max(10_000, Math.floor(expiresAt - now))',
  },
  {
    name: 'advance-to-the-known-top',
    rule: 'R3',
    file: PEER_MAP,
    find: 'const reached = Math.max(maxVersionSeen, group.maxVersion)',
    replace: 'const reached = Math.max(maxVersionSeen, group.top)',
  },
  {
    name: 'max-version-goes-down',
    rule: 'R4',
    file: PEER_MAP,
    find: 'const reached = Math.max(maxVersionSeen, group.maxVersion)',
    replace: 'const reached = group.maxVersion',
  },
  {
    name: 'young-tombstones-forgotten',
    rule: 'R5',
    file: OWN_MAP,
    find: 'if (entry.appliedAt > writtenUntil) break',
    replace: '',
  },
  {
    name: 'tombstones-forgotten-every-round',
    rule: 'R5',
    file: OWN_MAP,
    find: 'Math.max(rules.tombstoneGraceMs / 2, rules.snapshotMs)',
    replace: '0',
    stage: 'narrow',
  },
  {
    name: 'no-room-for-a-snapshot-to-travel',
    rule: 'R5',
    file: ROUND,
    find: 'snapshotMs: 2 * messages * gossipIntervalMs',
    replace: 'snapshotMs: 0 * messages',
    stage: 'resets',
  },
  {
    name: 'half-a-snapshot-shown',
    rule: 'R6',
    file: PEER_MAP,
    find: 'const isComplete = this.isRelayable && this.#numbers.topBeyond === 0',
    replace: 'const isComplete = this.maxVersionSeen > 0',
  },
  {
    name: 'known-top-ignored',
    rule: 'R6',
    file: PEER_MAP,
    find: 'const isComplete = this.isRelayable && this.#numbers.topBeyond === 0',
    replace: 'const isComplete = this.isRelayable',
  },
  {
    name: 'half-a-snapshot-relayed',
    rule: 'R6',
    file: 'src/core/reconcile/lack.ts',
    find: 'if (!isRelayable(mine)) return undefined',
    replace: 'if (mine.maxVersionSeen === 0) return undefined',
    stage: 'resets',
  },
  {
    name: 'changes-at-the-end-of-a-reset-not-told',
    rule: 'R6',
    file: PEER_MAP,
    find: 'if (!isSame) changes.push(entry)',
    replace: '',
  },
  {
    name: 'dangerous-name-in-a-value',
    rule: 'R7',
    file: 'src/core/json/admit.ts',
    find: "if (key === '__proto__') Object.defineProperty(copy, key, { value: field, enumerable: true })\n      else copy[key] = field",
    replace: 'copy[key] = field',
  },
  {
    name: 'hole-accepted',
    rule: 'R12',
    file: PEER_MAP,
    find: "if (group.from > numbers.maxVersionSeen) return refused('hole')",
    replace: '',
  },
  {
    name: 'forgotten-tombstones-missed',
    rule: 'R12',
    file: PEER_MAP,
    find: 'const startsOver = group.gcVersion > numbers.gcVersion && group.gcVersion > numbers.maxVersionSeen',
    replace: 'const startsOver = false',
  },
  {
    name: 'entry-at-the-boundary-applied-again',
    rule: 'R12',
    file: PEER_MAP,
    find: 'if (entry.version <= maxVersionSeen) continue',
    replace: 'if (entry.version < maxVersionSeen) continue',
  },
  {
    name: 'forgotten-tombstone-kept',
    rule: 'R12',
    file: PEER_MAP,
    find: 'entry.isTombstone && entry.version <= gcVersion',
    replace: 'entry.isTombstone && entry.version < gcVersion',
    stage: 'resets',
  },
  {
    name: 'tombstone-skipped',
    rule: 'R12',
    file: PEER_MAP,
    find: 'if (isForgotten) this.#content?.forget(entry.key)',
    replace: 'if (entry.isTombstone) continue',
  },
]
