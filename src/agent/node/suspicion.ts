/** Watches how the suspicion of live peers rises, and tells when it passes a level on its way to a verdict. */

import type { Explanation } from '../../core/index.ts'

/** Where suspicion is read: a node. */
export interface SuspicionSource {
  livePeers(): readonly { readonly id: string }[]
  explain(peerId: string): Explanation | undefined
}

/** Remembers the level that each peer has passed. */
export class Suspicion {
  readonly #source: SuspicionSource
  readonly #levels: readonly number[]
  readonly #passed = new Map<string, number>()

  /** @param levels - values of φ, ascending */
  constructor(source: SuspicionSource, levels: readonly number[]) {
    this.#source = source
    this.#levels = levels
  }

  /**
   * Peers that have passed another level since the last poll; each level once per silence. Worth polling about twice
   * per gossip interval. O(live peers).
   */
  poll(): readonly Explanation[] {
    const risen: Explanation[] = []
    const live = new Set<string>()
    for (const { id } of this.#source.livePeers()) {
      live.add(id)
      const explanation = this.#source.explain(id)
      if (explanation === undefined) continue
      const level = this.#levels.filter((phi) => explanation.phi >= phi).length
      if (level > (this.#passed.get(id) ?? 0)) risen.push(explanation)
      this.#passed.set(id, level)
    }
    for (const id of this.#passed.keys()) if (!live.has(id)) this.#passed.delete(id)
    return risen
  }
}
