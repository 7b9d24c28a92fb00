/** How long a message is late: a fixed time, or one drawn from a distribution. */

import { InvalidOptionError, isPlainObject, numberIn } from '../../core/index.ts'

/**
 * Times in ms: always the same, uniform between two, or exponential with a mean and a cap. With anything but a fixed
 * time, messages overtake each other.
 */
export type Delay =
  | number
  | { readonly minMs: number; readonly maxMs: number }
  | { readonly meanMs: number; readonly maxMs: number }

/** Longest delay, ms: an hour. */
export const DELAY_MS_MAX = 3_600_000

const RULE = `a number of ms, {minMs, maxMs} or {meanMs, maxMs}, up to ${DELAY_MS_MAX}`

/**
 * Checks and copies a delay.
 *
 * @throws {InvalidOptionError} none of the three forms, out of [0, 3_600_000], or minMs or meanMs above maxMs
 */
export function delayOption(name: string, value: unknown): Delay {
  if (typeof value === 'number') return numberIn(name, value, 0, DELAY_MS_MAX)
  if (!isPlainObject(value) || Object.keys(value).length !== 2) throw new InvalidOptionError(name, RULE, value)
  const maxMs = numberIn(`${name}.maxMs`, value['maxMs'], 0, DELAY_MS_MAX)
  if (value['minMs'] !== undefined) return { minMs: numberIn(`${name}.minMs`, value['minMs'], 0, maxMs), maxMs }
  return { meanMs: numberIn(`${name}.meanMs`, value['meanMs'], 0, maxMs), maxMs }
}

/**
 * Turns a uniform number into a delay.
 *
 * @param share - in [0, 1)
 * @returns ms, >= 0, at most the cap
 */
export function delayAt(delay: Delay, share: number): number {
  if (typeof delay === 'number') return delay
  if ('minMs' in delay) return delay.minMs + share * (delay.maxMs - delay.minMs)
  return Math.min(delay.maxMs, -delay.meanMs * Math.log(1 - share))
}
