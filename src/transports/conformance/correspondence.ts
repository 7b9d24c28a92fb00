/**
 * Many messages at once, without asking more of a transport than it declares: in each lane (a sender, a receiver, a
 * kind) a message is sent when the one before it has arrived, and lanes run side by side.
 */

import type { JsonValue } from '../../core/index.ts'
import type { Kind } from './ledger.ts'
import type { Peer } from './peer.ts'
import type { Scene } from './scene.ts'

/** Who writes to whom, and how much. */
export interface Correspondence {
  readonly peers: readonly Peer[]
  /** Messages in each lane. */
  readonly rounds: number
  /** What a message says. @defaultValue a mark */
  readonly payload?: (round: number) => JsonValue
  /** Shows how far it has come. */
  readonly isLong?: boolean
}

const KINDS: readonly Kind[] = ['digest', 'deltas']

/** How many messages it will be. */
export function letterCount(peers: number, rounds: number): number {
  return peers * (peers - 1) * KINDS.length * rounds
}

/** Everybody writes to everybody else, both kinds. Resolves when all of it has arrived. */
export async function correspond(scene: Scene, { peers, rounds, payload, isLong }: Correspondence): Promise<void> {
  const total = letterCount(peers.length, rounds)
  let arrived = 0
  const lane = async (from: Peer, to: Peer, kind: Kind): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const body = payload?.(round) ?? null
      await scene.deliver({ from, to, kind, payload: scene.mark(`${from.id} to ${to.id}`, round, body) })
      arrived++
      if (isLong === true && arrived % 100 === 0) scene.progress(`${arrived} of ${total} messages`)
    }
  }
  const lanes = peers.flatMap((from) =>
    peers.filter((to) => to !== from).flatMap((to) => KINDS.map((kind) => lane(from, to, kind))),
  )
  await Promise.all(lanes)
}
