/**
 * Whom to contact in a round: a few live peers for speed, now and then a dead one and a seed so that every partition
 * heals by itself, however long it lasted.
 */

import type { PeerRef } from '../ports.ts'
import { isSameAddress } from './address.ts'

/** Who there is to choose from. Peers without an address are not among them. */
export interface Candidates {
  readonly hopeful: readonly PeerRef[]
  readonly dead: readonly PeerRef[]
  readonly seeds: readonly PeerRef[]
  /** Peers that are live, with or without an address. */
  readonly liveCount: number
}

/** How many to choose. */
export interface TargetOptions {
  readonly fanout: number
  readonly minimumLivePeers: number
}

/** A round's choice: `fanout` hopeful peers, perhaps one dead, perhaps a seed. O(fanout + seeds). */
export function chooseTargets(from: Candidates, options: TargetOptions, random: () => number): readonly PeerRef[] {
  const targets = sample(from.hopeful, options.fanout, random)
  const deadChance = from.dead.length / (from.liveCount + 1)
  if (from.dead.length > 0 && random() < deadChance) targets.push(pick(from.dead, random))
  const seeds = from.seeds.filter((seed) => !targets.some((target) => isSame(target, seed)))
  if (seeds.length > 0 && wantsSeed(from, options, random)) targets.push(pick(seeds, random))
  return targets
}

/**
 * A seed that was not chosen already is tried now and then even when another one was: were it not, a node that
 * contacts one of its seeds every round would never reach a part of the cluster that only another seed knows.
 */
function wantsSeed(from: Candidates, options: TargetOptions, random: () => number): boolean {
  if (from.liveCount < from.seeds.length || from.liveCount < options.minimumLivePeers) return true
  return random() < from.seeds.length / (from.liveCount + 1)
}

function isSame(a: PeerRef, b: PeerRef): boolean {
  if (a.id !== undefined && b.id !== undefined) return a.id === b.id
  return isSameAddress(a.transport, b.transport)
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T
}

/** Distinct items, uniformly: the first steps of a Fisher-Yates shuffle, with the swaps kept in a small map. */
function sample<T>(items: readonly T[], count: number, random: () => number): T[] {
  const moved = new Map<number, T>()
  const chosen: T[] = []
  for (let i = 0; i < Math.min(count, items.length); i++) {
    const j = i + Math.floor(random() * (items.length - i))
    chosen.push(moved.get(j) ?? (items[j] as T))
    moved.set(j, moved.get(i) ?? (items[i] as T))
  }
  return chosen
}
