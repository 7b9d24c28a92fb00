/**
 * Whom to contact in a round: a few live peers for speed, now and then a dead one and a seed so that every partition
 * heals by itself, however long it lasted.
 */

import type { PeerRef } from '../ports.ts'
import { isSameAddress } from './address.ts'

/** Peers that can be counted and picked; an array is one, and so is whoever finds them only when they are asked for. */
export interface Pickable {
  readonly length: number
  at(index: number): PeerRef | undefined
}

/** Who there is to choose from. Peers without an address are not among them. */
export interface Candidates {
  readonly hopeful: Pickable
  readonly dead: Pickable
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

function pick(peers: Pickable, random: () => number): PeerRef {
  return peers.at(Math.floor(random() * peers.length)) as PeerRef
}

/** Distinct peers, uniformly: the first steps of a Fisher-Yates shuffle, with the swaps kept in a small map. */
function sample(peers: Pickable, count: number, random: () => number): PeerRef[] {
  const moved = new Map<number, number>()
  const chosen: PeerRef[] = []
  for (let i = 0; i < Math.min(count, peers.length); i++) {
    const j = i + Math.floor(random() * (peers.length - i))
    chosen.push(peers.at(moved.get(j) ?? j) as PeerRef)
    moved.set(j, moved.get(i) ?? i)
  }
  return chosen
}
