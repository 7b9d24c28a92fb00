/** Ids in code-unit order, so that a page of a digest is a range of them. */

/** A sorted set of strings. Lookup is O(log n), a change O(n) by a fast copy. */
export class SortedIds {
  readonly #ids: string[] = []

  get size(): number {
    return this.#ids.length
  }

  /** All ids, ascending. Not to be changed; valid until the next change. */
  get all(): readonly string[] {
    return this.#ids
  }

  add(id: string): void {
    const index = this.firstFrom(id)
    if (this.#ids[index] !== id) this.#ids.splice(index, 0, id)
  }

  delete(id: string): void {
    const index = this.firstFrom(id)
    if (this.#ids[index] === id) this.#ids.splice(index, 1)
  }

  /** Index of the first id that is not below the given one. */
  firstFrom(id: string): number {
    let low = 0
    let high = this.#ids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ids[middle] as string) < id) low = middle + 1
      else high = middle
    }
    return low
  }
}
