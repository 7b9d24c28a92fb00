/** What somebody lacks of a map that I hold, judged by where he says he stands. */

/** How far somebody's copy of a map reaches. */
export interface Standing {
  readonly generation: number
  readonly gcVersion: number
  readonly maxVersionSeen: number
}

/** How a group that helps him must look. */
export interface Lack {
  /** The version the group starts from. */
  readonly from: number
  /** A group that ends below this would be refused: he is half-way through a newer snapshot than mine. */
  readonly maxVersionMin: number
}

/**
 * Where a group for somebody must start, or undefined when there is nothing to send: he lacks nothing I have, or my
 * own copy is not fit to be passed on.
 *
 * @param theirs - where he stands; undefined when he does not know the peer
 */
export function lackOf(mine: Standing, theirs: Standing | undefined): Lack | undefined {
  if (!isRelayable(mine)) return undefined
  if (theirs === undefined || theirs.generation < mine.generation) return { from: 0, maxVersionMin: 0 }
  if (theirs.generation > mine.generation) return undefined
  const isBehind = theirs.maxVersionSeen < mine.maxVersionSeen
  const isUncollected = theirs.gcVersion < mine.gcVersion
  if (!isBehind && !isUncollected) return undefined
  // He may hold keys whose tombstones I have forgotten: only a full snapshot tells him so.
  if (isUncollected && theirs.maxVersionSeen < mine.gcVersion) return { from: 0, maxVersionMin: 0 }
  const isResetting = theirs.maxVersionSeen < theirs.gcVersion
  const maxVersionMin = isResetting && mine.gcVersion < theirs.gcVersion ? theirs.gcVersion : 0
  if (mine.maxVersionSeen < maxVersionMin) return undefined
  return { from: Math.min(theirs.maxVersionSeen, mine.maxVersionSeen), maxVersionMin }
}

/** Whether somebody at this standing has something that I lack, and could pass it on. */
export function isAhead(theirs: Standing, mine: Standing): boolean {
  if (!isRelayable(theirs)) return false
  if (theirs.generation !== mine.generation) return theirs.generation > mine.generation
  return theirs.maxVersionSeen > mine.maxVersionSeen || theirs.gcVersion > mine.gcVersion
}

/** Whether a copy may be passed on: it has something, and no reset is in progress. */
export function isRelayable({ maxVersionSeen, gcVersion }: Standing): boolean {
  return maxVersionSeen > 0 && maxVersionSeen >= gcVersion
}
