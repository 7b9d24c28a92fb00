/**
 * Peers that an old peer lists and nobody else has told of. An old peer lists the dead for ever, so its word makes no
 * peer known; but where old peers are all that two nodes of ours have in common, it is the only way they can meet. So
 * such an address is sent a digest now and then, and who answers is known by its own word.
 */

import type { SenderRef } from '../ports.ts'
import type { OldItem } from './old-shapes.ts'
import type { Moment } from './recent-asks.ts'

/** Addresses remembered; a stranger that is forgotten is merely tried sooner. */
const STRANGERS_MAX = 1_024
/** A stranger is tried after 1, 2, 4 … rounds, and at last every so many. */
const PAUSE_ROUNDS_MAX = 512

interface Stranger {
  nextRound: number
  pauseRounds: number
}

/** Chooses whom to try: at most one stranger a round, each ever more rarely. */
export class Introductions {
  readonly #strangers = new Map<string, Stranger>()
  #triedAtRound = -1

  /**
   * The next stranger to send a digest to, if it is time.
   *
   * @param items - what an old peer lists
   * @param isStranger - whether an id is unknown here
   */
  choose(items: readonly OldItem[], isStranger: (item: OldItem) => boolean, at: Moment): SenderRef | undefined {
    if (this.#triedAtRound === at.rounds) return undefined
    const due = items.filter((item) => isStranger(item) && (this.#strangers.get(item.id)?.nextRound ?? 0) <= at.rounds)
    const [first] = due.sort((a, b) => this.#dueSince(a) - this.#dueSince(b))
    if (first?.transport === undefined) return undefined
    this.#triedAtRound = at.rounds
    this.#noteTried(first.id, at)
    return { id: first.id, transport: first.transport }
  }

  #dueSince(item: OldItem): number {
    return this.#strangers.get(item.id)?.nextRound ?? 0
  }

  #noteTried(id: string, at: Moment): void {
    const pauseRounds = Math.min(2 * (this.#strangers.get(id)?.pauseRounds ?? 0.5), PAUSE_ROUNDS_MAX)
    this.#strangers.delete(id)
    this.#strangers.set(id, { nextRound: at.rounds + pauseRounds, pauseRounds })
    if (this.#strangers.size > STRANGERS_MAX) this.#strangers.delete(this.#strangers.keys().next().value as string)
  }
}
