/** The rules options are checked with, so that every refusal names the option, the rule and the value in one form. */

import { InvalidOptionError } from './errors.ts'
import { isPlainObject } from './json/index.ts'

/** Options as they come from outside, not yet believed. */
export type LooseOptions = Readonly<Record<string, unknown>>

/** The argument as an object without unknown keys. */
export function looseOptions(value: unknown, what: string, known: readonly string[]): LooseOptions {
  if (value === undefined) return {}
  if (!isPlainObject(value)) throw new InvalidOptionError(what, 'an object', value)
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new InvalidOptionError(`${what}.${key}`, `one of ${known.join(', ')}`, value[key])
  }
  return value
}

/** The value, or the default where nothing was said; null is something. */
export function orDefault(value: unknown, defaultValue: unknown): unknown {
  return value === undefined ? defaultValue : value
}

/** An integer in a closed range. */
export function integerIn(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(name, `an integer in [${min}, ${max}]`, value)
  }
  return value
}

/** A finite number in a closed range. */
export function numberIn(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) {
    throw new InvalidOptionError(name, `a number in [${min}, ${max}]`, value)
  }
  return value
}

/** A boolean. */
export function booleanOption(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(name, 'a boolean', value)
  return value
}
