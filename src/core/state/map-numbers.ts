/** The numbers of a map, apart from its entries: of most maps in a large cluster they are all there is. */

/** Where the numbers of a map are kept: in an object of its own, or in columns that many maps share. */
export interface MapNumbers {
  /** The lifetime of the owner this copy belongs to. */
  generation: number
  /** Tombstones at or below it are forgotten. */
  gcVersion: number
  /** Nothing at or below it is missing, once it has reached `gcVersion`. */
  maxVersionSeen: number
  /** The highest version known to exist for this copy, where it is above `maxVersionSeen`; else 0. */
  topBeyond: number
  /** Whether readers still see an earlier complete map. */
  isStale: boolean
}

/** Numbers of a map on its own: nothing is known yet. */
export function startingNumbers(generation: number): MapNumbers {
  return { generation, gcVersion: 0, maxVersionSeen: 0, topBeyond: 0, isStale: true }
}
