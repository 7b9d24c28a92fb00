/**
 * What can be told of nodes from outside, while they run: no value is read that its owner never wrote, and events about
 * a peer come in an order that makes sense.
 */

import type { Gossipmonger, JsonValue } from '../../core/index.ts'

/** Collects what is wrong, in words, and counts errors by code. */
export class LiveChecks {
  readonly problems: string[] = []
  readonly errors: Record<string, number> = {}
  readonly #written = new Map<string, Set<string>>()

  /** Before an owner writes: readers may hear of it at once. */
  wrote(owner: string, key: string, value: JsonValue): void {
    const name = JSON.stringify([owner, key])
    const texts = this.#written.get(name) ?? new Set()
    this.#written.set(name, texts.add(JSON.stringify(value)))
  }

  /** Listens to one life of a node. */
  watch(node: Gossipmonger): void {
    const live = new Set<string>()
    const known = new Set<string>()
    const object = (problem: string): void => void this.problems.push(`${node.id}: ${problem}`)
    node.on('new peer', ({ id }) => {
      if (known.has(id)) object(`told of ${id} as new twice`)
      known.add(id)
    })
    node.on('peer live', ({ id }) => {
      if (!known.has(id) || live.has(id)) object(`${id} became live, and was ${live.has(id) ? 'live' : 'unknown'}`)
      live.add(id)
    })
    for (const event of ['peer dead', 'peer left'] as const) node.on(event, ({ id }) => void live.delete(id))
    node.on('peer removed', (id) => {
      known.delete(id)
      live.delete(id)
    })
    node.on('update', (owner, key, value) => {
      if (!known.has(owner)) object(`told of a key of ${owner}, who is unknown`)
      const isReal = this.#written.get(JSON.stringify([owner, key]))?.has(JSON.stringify(value)) === true
      if (!isReal) object(`reads ${owner}.${key} = ${JSON.stringify(value)}, which ${owner} never wrote`)
    })
    node.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.name
      this.errors[code] = (this.errors[code] ?? 0) + 1
    })
  }
}
