/** What numbers the commands of a simulation take. A number out of its range is refused before anything is done. */

import { integerIn, numberIn } from '../core/index.ts'

/** How far a wall clock may jump at once: generations follow the wall clock, and have to stay exact numbers. */
export const CLOCK_JUMP_MS_MAX: number = 10_000 * 86_400_000
/** Longest lease, as the engine has it. */
const TTL_MS_MAX = 2 ** 43

/**
 * Time that passes.
 *
 * @throws {InvalidOptionError} it is negative, or no number
 */
export function durationMs(name: string, value: number): number {
  return numberIn(name, value, 0, Number.MAX_SAFE_INTEGER)
}

/**
 * How many rounds to wait.
 *
 * @throws {InvalidOptionError} it is no integer, or negative
 */
export function roundsMax(value: number): number {
  return integerIn('maxRounds', value, 0, Number.MAX_SAFE_INTEGER)
}

/**
 * How far a clock jumps.
 *
 * @throws {InvalidOptionError} it is no number, or further than any clock should
 */
export function clockJumpMs(value: number): number {
  return numberIn('ms', value, -CLOCK_JUMP_MS_MAX, CLOCK_JUMP_MS_MAX)
}

/**
 * How long a lease lasts.
 *
 * @throws {InvalidOptionError} it is no integer in [1, 2^43]
 */
export function leaseMs(value: number | undefined): number | undefined {
  return value === undefined ? undefined : integerIn('ttlMs', value, 1, TTL_MS_MAX)
}
