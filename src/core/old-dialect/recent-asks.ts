/**
 * From which versions an old peer was lately asked for its own keys. Its answers do not say what they answer, so an answer
 * is good only for what lies above every version asked for that may still be under way.
 */

/** A moment, on the clock and in rounds of this node: a node that did not run has read no messages meanwhile. */
export interface Moment {
  /** Engine time, ms. */
  readonly now: number
  /** Rounds this node has begun. */
  readonly rounds: number
}

/** Messages are taken to arrive within this time, ms. */
export const DELIVERY_MS_MAX = 5_000
/** After a stall one round is run before the messages that waited are read. */
const DELIVERY_ROUNDS_MIN = 2
/** Beyond it the two oldest are taken for one: cautious, and enough. */
const ASKS_MAX = 64

/** Whether what was sent at a moment can no longer be under way. */
export function hasArrived(sentAt: Moment, at: Moment): boolean {
  return at.now - sentAt.now >= DELIVERY_MS_MAX && at.rounds - sentAt.rounds >= DELIVERY_ROUNDS_MIN
}

interface Ask {
  readonly version: number
  at: Moment
}

/** The highest version asked from, over a window that slides. Amortised O(1). */
export class RecentAsks {
  /** Versions descend strictly: a lower one matters only once the higher ones before it are gone. */
  #asks: Ask[] = []

  /** Takes note that keys above a version were asked for. */
  note(version: number, at: Moment): void {
    while ((this.#asks.at(-1)?.version ?? Number.POSITIVE_INFINITY) <= version) this.#asks.pop()
    this.#asks.push({ version, at })
    const [first, second] = this.#asks
    if (this.#asks.length <= ASKS_MAX || first === undefined || second === undefined) return
    first.at = second.at
    this.#asks.splice(1, 1)
  }

  /** The highest version that an answer arriving now may start from; undefined when nothing is under way. */
  highest(at: Moment): number | undefined {
    const gone = this.#asks.findIndex((ask) => !hasArrived(ask.at, at))
    if (gone < 0) this.#asks = []
    else if (gone > 0) this.#asks.splice(0, gone)
    return this.#asks[0]?.version
  }

  /** Forgets everything. */
  clear(): void {
    this.#asks = []
  }
}
