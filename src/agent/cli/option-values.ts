/** Values of options, from text. Refusals name the option as it is typed, the rule and the text. */

import { InvalidOptionError, isName, type JsonValue, NAME_BYTES_MAX } from '../../core/index.ts'
import { parseAddress } from '../../tcp/index.ts'

/** A key with the value to set. */
export interface KeyValue {
  readonly key: string
  readonly value: JsonValue
}

const UNITS_MS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * A whole number in a closed range.
 *
 * @throws {InvalidOptionError} it is none
 */
export function integerValue(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new InvalidOptionError(option, `a whole number from ${min} to ${max}`, text)
}

/**
 * A time: `250`, `250ms`, `1.5s`, `10m` or `1h`.
 *
 * @returns ms
 * @throws {InvalidOptionError} it is none, or outside the closed range
 */
export function durationMsValue(option: string, text: string, minMs: number, maxMs: number): number {
  const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = number === '' ? Number.NaN : Math.round(Number(number) * (UNITS_MS[unit] ?? 1))
  if (ms >= minMs && ms <= maxMs) return ms
  throw new InvalidOptionError(option, `a time from ${minMs} to ${maxMs} ms, such as 250, 250ms, 1.5s or 10m`, text)
}

/**
 * An address.
 *
 * @returns the text as it is
 * @throws {InvalidOptionError} it is none
 */
export function addressValue(option: string, text: string): string {
  if (parseAddress(text) !== undefined) return text
  throw new InvalidOptionError(option, 'HOST:PORT, such as 10.0.0.7:9742 or [::1]:9742', text)
}

/**
 * Addresses with commas between them.
 *
 * @throws {InvalidOptionError} one of them is none
 */
export function addressesValue(option: string, text: string): readonly string[] {
  return text.split(',').map((address) => addressValue(option, address.trim()))
}

/**
 * A name of a node or a cluster.
 *
 * @throws {InvalidOptionError} it is empty or too long
 */
export function nameValue(option: string, text: string): string {
  if (isName(text)) return text
  throw new InvalidOptionError(option, `a text of 1 to ${NAME_BYTES_MAX} bytes`, text)
}

/**
 * `key=value`; the value is JSON where it can be read as JSON, and text otherwise.
 *
 * @throws {InvalidOptionError} there is no key or no `=`
 */
export function keyValue(option: string, text: string): KeyValue {
  const at = text.indexOf('=')
  const key = text.slice(0, Math.max(0, at))
  if (!isName(key)) throw new InvalidOptionError(option, `KEY=VALUE with a key of 1 to ${NAME_BYTES_MAX} bytes`, text)
  return { key, value: jsonOrText(text.slice(at + 1)) }
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
