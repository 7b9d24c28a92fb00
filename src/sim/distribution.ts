/** Numbers by chance, as an option says them: how long, how late, how often. */

import { assert, InvalidOptionError, isPlainObject } from '../core/index.ts'

/**
 * A fixed number; `{min, max}`: uniform in between; `{mean, max}`: exponential, with a long tail cut at `max`.
 */
export type Distribution =
  | number
  | { readonly min: number; readonly max: number }
  | { readonly mean: number; readonly max: number }

/** Draws one number. */
export function draw(from: Distribution, random: () => number): number {
  if (typeof from === 'number') return from
  if ('mean' in from) return Math.min(from.max, -from.mean * Math.log(1 - random()))
  return from.min + (from.max - from.min) * random()
}

/** The largest number it can give. */
export function largestOf(from: Distribution): number {
  return typeof from === 'number' ? from : from.max
}

/** A random item. */
export function pick<T>(items: readonly T[], random: () => number): T {
  assert(items.length > 0, 'there is something to choose from')
  return items[Math.floor(random() * items.length)] as T
}

/**
 * An option that is a distribution of numbers in a closed range. An exponential one may still fall below the range,
 * down to 0.
 *
 * @throws {InvalidOptionError} it is none, or can leave the range otherwise
 */
export function distributionIn(name: string, value: unknown, min: number, max: number): Distribution {
  const rule = `a number in [${min}, ${max}], {min, max} or {mean, max}`
  const isNumber = (part: unknown): part is number => typeof part === 'number' && part >= min && part <= max
  if (isNumber(value)) return value
  if (!isPlainObject(value)) throw new InvalidOptionError(name, rule, value)
  const { min: low, max: high, mean, ...rest } = value
  const isUniform = isNumber(low) && isNumber(high) && low <= high && mean === undefined
  // Whoever draws raises what falls below the range: the short times of an exponential are what it is for.
  const isExponential = isNumber(mean) && mean >= 0 && isNumber(high) && low === undefined
  if (Object.keys(rest).length > 0 || !(isUniform || isExponential)) throw new InvalidOptionError(name, rule, value)
  return Object.freeze(isUniform ? { min: low, max: high } : { mean: mean as number, max: high as number })
}
