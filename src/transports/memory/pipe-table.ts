/** The pipes of a memory network that are open, found by their ends: what breaks when a way or a process does. */

import type { MemoryPipe } from './pipe.ts'

/** Mutable; pipes that are closed leave it when it next grows. */
export class PipeTable {
  #pipes: (readonly [MemoryPipe, MemoryPipe])[] = []
  /** So many may be closed before they are looked for. */
  #sweepAt = 64

  add(ours: MemoryPipe, theirs: MemoryPipe): void {
    this.#pipes.push([ours, theirs])
    if (this.#pipes.length < this.#sweepAt) return
    this.#pipes = this.#pipes.filter((ends) => ends.some((end) => !end.isClosed))
    this.#sweepAt = 2 * this.#pipes.length + 64
  }

  /**
   * Breaks what connects two addresses, at both ends.
   *
   * @returns how many pipes
   */
  breakBetween(a: string, b: string): number {
    const broken = this.#pipes.filter((ends) => connects(ends, a, b) && ends.some((end) => !end.isClosed))
    for (const ends of broken) for (const end of ends) end.break()
    return broken.length
  }

  /** Breaks what ends at an address; the other ends are told, or never hear of it. */
  breakAt(address: string, isSilent: boolean): void {
    for (const end of this.#pipes.flat()) {
      if (end.address !== address) continue
      if (isSilent) end.break()
      else end.destroy()
    }
  }
}

function connects([ours, theirs]: readonly [MemoryPipe, MemoryPipe], a: string, b: string): boolean {
  const isOneWay = ours.address === a && theirs.address === b
  return isOneWay || (ours.address === b && theirs.address === a)
}
