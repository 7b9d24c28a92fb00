/** One timer for everything that waits: often while something is being tried, seldom else, and not at all for nothing. */

/** How soon there is something to look at again. */
export type Urgency = 'soon' | 'later' | 'never'

const SOON_MS = 25
const LATER_MS = 1_000

/** The timer of a transport. It never keeps a process alive. */
export class Ticker {
  readonly #look: () => Urgency
  #timer: NodeJS.Timeout | undefined
  #urgency: Urgency = 'never'
  #isStopped = false

  /** @param look - looks at what waits, and says how soon to look again */
  constructor(look: () => Urgency) {
    this.#look = look
  }

  /** Something new waits. */
  wake(urgency: 'soon' | 'later'): void {
    if (this.#urgency === 'soon' || this.#urgency === urgency || this.#isStopped) return
    this.#arm(urgency)
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #arm(urgency: Urgency): void {
    clearTimeout(this.#timer)
    this.#urgency = urgency
    if (urgency === 'never') return
    this.#timer = setTimeout(
      () => {
        const next = this.#look()
        if (!this.#isStopped) this.#arm(next)
      },
      urgency === 'soon' ? SOON_MS : LATER_MS,
    ).unref()
  }
}
