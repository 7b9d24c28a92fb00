/** Lets asynchronous work be done one piece after the other, in the order in which it was asked for. */

/** A queue of work without an end of its own: whoever asks waits for what was asked before. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs when all earlier work has ended, well or not. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work)
    this.#last = result.catch(() => {})
    return result
  }
}
