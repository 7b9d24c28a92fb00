/** What cases about bulk do again and again: offer transfers, take or refuse them, and wait for how they end. */

import type { BulkOffer, BulkSink, BulkSource, JsonValue, PeerRef } from '../../core/index.ts'
import { described, errorProblem } from './error-rules.ts'
import type { Peer } from './peer.ts'
import type { Scene } from './scene.ts'

/** A source that remembers what it was asked for and how it ended. */
export class Transfer implements BulkSource {
  readonly about: readonly string[] = ['owner']
  asked = 0
  ends = 0
  error: Error | undefined
  /** Called when it ends. */
  onEnd: () => void = () => {}
  readonly #groupAt: (at: number) => JsonValue | undefined

  /** @param groupAt - the groups by number; undefined after the last */
  constructor(groupAt: (at: number) => JsonValue | undefined) {
    this.#groupAt = groupAt
  }

  /** The code it ended with. */
  get code(): unknown {
    return (Object(this.error) as { code?: unknown }).code
  }

  /** How it ended, for reports. */
  get problem(): string {
    return this.error === undefined ? 'it succeeded' : `it ended with ${described(this.error)}`
  }

  next(): JsonValue | undefined {
    return this.#groupAt(this.asked++)
  }

  end(error?: Error): void {
    this.ends++
    this.error = error
    this.onEnd()
  }
}

/** What has come of a transfer. */
export interface Taken {
  readonly groups: unknown[]
  ends: number
}

/** When a receiver has enough. */
export interface TakeOptions {
  /** @defaultValue all */
  readonly groupsMax?: number
  /** @defaultValue 67_108_864 */
  readonly valueBytesMax?: number
}

/** Two peers of which each has heard of the other, so that it is known what they can do. */
export async function bulkPair(scene: Scene): Promise<readonly [Peer, Peer]> {
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  await scene.fence(b, a)
  const isKnown = (): boolean => a.transport.canBulk?.(b.ref) !== false
  await scene.until('Bulk', 'canBulk() to be true of a peer whose hello says so', isKnown)
  return [a, b]
}

/** Takes every transfer that is offered to a peer. */
export function takeAll(peer: Peer, options: TakeOptions = {}): Taken {
  const { groupsMax = Number.POSITIVE_INFINITY, valueBytesMax = 67_108_864 } = options
  const taken: Taken = { groups: [], ends: 0 }
  const sink: BulkSink = {
    valueBytesMax,
    take: (group) => taken.groups.push(group) < groupsMax,
    end: () => taken.ends++,
  }
  peer.transport.on('bulk', (_, offer: BulkOffer) => offer.accept(sink))
  return taken
}

/** Refuses every transfer that is offered to a peer. */
export function refuseAll(peer: Peer, code: string): void {
  peer.transport.on('bulk', (_, offer: BulkOffer) => offer.refuse(code))
}

/** Offers a transfer, which must not throw. */
export function bulkTo(scene: Scene, from: Peer, to: PeerRef, transfer: Transfer): void {
  transfer.onEnd = () => scene.wake()
  try {
    from.transport.bulk?.(to, from.ref, transfer)
  } catch (cause) {
    scene.fail(
      'Errors',
      'trouble with a transfer to end its source and never to be thrown',
      `bulk() threw ${described(cause)}`,
    )
  }
}

/** Waits for the end, which is told once, and with an error of the right form if with any. */
export async function ended(scene: Scene, transfer: Transfer): Promise<void> {
  await scene.until('Bulk', 'the transfer to end', () => transfer.ends > 0)
  const problem = transfer.error === undefined ? undefined : errorProblem(transfer.error)
  if (problem !== undefined) scene.fail('Errors', 'a transfer to end with a GossipError that has a code', problem)
  if (transfer.ends > 1) scene.fail('Bulk', 'the end to be told once', `it was told ${transfer.ends} times`)
}
