/** A map of the engine as checkers look at it. */

import type { Engine } from '../../core/index.ts'
import type { Copy, HeldEntry, ReadableEntry } from './process.ts'

/** The engine's map of one peer. */
export type EngineMap = Engine['ownMap']

/** A view; it shows the map as it is at each call. */
export function copyOfMap(map: EngineMap): Copy {
  return {
    generation: map.generation,
    gcVersion: map.gcVersion,
    maxVersionSeen: map.maxVersionSeen,
    isStale: map.isStale,
    get hash(): string {
      return map.hash
    },
    readable: (now: number): Iterable<ReadableEntry> => map.readAll(now),
    read: (key: string, now: number): ReadableEntry | undefined => map.read(key, now),
    held: (after: number): Iterable<HeldEntry> => map.entriesAfter(after),
  }
}
