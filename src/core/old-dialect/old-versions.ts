/**
 * Versions as old peers see them. They know no generations and take nothing at or below the highest version they have
 * seen, so every life of a peer has to count on from above its former one: part of the generation is added.
 */

import { GENERATION_MAX } from '../reconcile/index.ts'

/** A generation holds milliseconds times this, so that what is added grows by one per millisecond. */
const GENERATIONS_PER_VERSION = 1_024

/** The version at which somebody lacks nothing, whatever is written. */
export const EVERYTHING_SEEN: number = Number.MAX_SAFE_INTEGER

/**
 * An old peer that has written nothing is at version 0. In the engine's terms a life begins with version 1, so that one
 * without keys has something to tell too: that there are none.
 */
const OLD_BASE = -1

/** What is added to the versions of a new peer's life, as old peers see them. */
export function versionBase(generation: number): number {
  return Math.floor(generation / GENERATIONS_PER_VERSION)
}

/** What is added to the engine's versions of any peer's present life, as old peers see them. */
export function versionBaseOf(peer: { readonly generation: number; readonly isOld: boolean }): number {
  return peer.isOld ? OLD_BASE : versionBase(peer.generation)
}

/** An old peer's own version in the engine's terms. */
export function fromOldVersion(version: number): number {
  return version - OLD_BASE
}

/**
 * Where an old peer stands with a map, in the map's own versions.
 *
 * @param listed - the version it lists; that of a former life counts as nothing
 * @param maxVersionSeen - more than I hold cannot be asked of me
 */
export function standingOf(listed: number, base: number, maxVersionSeen: number): number {
  return Math.min(Math.max(0, listed - base), maxVersionSeen)
}

/**
 * The last generation whose versions may lie below a version that an old peer claims of this node.
 *
 * @returns undefined where there is no room above it
 */
export function generationBelow(claim: number): number | undefined {
  const generation = (claim + 1) * GENERATIONS_PER_VERSION - 1
  return generation < GENERATION_MAX - GENERATIONS_PER_VERSION ? generation : undefined
}
