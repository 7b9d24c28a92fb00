/** A map of the engine as checkers look at it. */

import type { Engine } from '../../core/index.ts'
import type { Copy, HeldEntry, ReadableEntry } from './process.ts'

/** The engine's map of one peer. */
export type EngineMap = Engine['ownMap']

/**
 * A view: where the map stood when it was made, and what it holds and shows at each call. Checkers make them by the
 * thousand, so it is a class: no function is made with it.
 */
export class MapCopy implements Copy {
  readonly generation: number
  readonly gcVersion: number
  readonly maxVersionSeen: number
  readonly isStale: boolean
  readonly #map: EngineMap

  constructor(map: EngineMap) {
    this.generation = map.generation
    this.gcVersion = map.gcVersion
    this.maxVersionSeen = map.maxVersionSeen
    this.isStale = map.isStale
    this.#map = map
  }

  get hash(): string {
    return this.#map.hash
  }

  readable(now: number): Iterable<ReadableEntry> {
    return this.#map.readAll(now)
  }

  read(key: string, now: number): ReadableEntry | undefined {
    return this.#map.read(key, now)
  }

  held(after: number): Iterable<HeldEntry> {
    return this.#map.entriesAfter(after)
  }
}
