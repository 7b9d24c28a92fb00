/** What is still to happen, by time; what is due at the same time happens in the order it was put in. */

interface Timed {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A binary heap. Adding and taking are O(log n). */
export class EventQueue {
  readonly #heap: Timed[] = []
  #order = 0

  /** When the next thing is due; Infinity when there is nothing. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** How many things wait. */
  get size(): number {
    return this.#heap.length
  }

  add(at: number, run: () => void): void {
    const item = { at, order: this.#order++, run }
    const heap = this.#heap
    let child = heap.push(item) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!isEarlier(item, heap[parent] as Timed)) break
      heap[child] = heap[parent] as Timed
      child = parent
    }
    heap[child] = item
  }

  /** Takes out the next thing; undefined when there is nothing. */
  poll(): (() => void) | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first !== undefined && last !== undefined && first !== last) this.#sink(last)
    return first?.run
  }

  #sink(item: Timed): void {
    const heap = this.#heap
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && isEarlier(right, heap[child] as Timed)) child++
      if (!isEarlier(heap[child] as Timed, item)) break
      heap[parent] = heap[child] as Timed
      parent = child
    }
    heap[parent] = item
  }
}

function isEarlier(a: Timed, b: Timed): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
