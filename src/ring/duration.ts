/** Durations as people write them: a number of ms, or a text such as `'10s'`. */

import { InvalidOptionError } from '../core/index.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * A duration in a closed range, ms. A text is a number and a unit: `ms`, `s`, `m` or `h`.
 *
 * @throws {InvalidOptionError} it is neither, or out of range
 */
export function durationIn(name: string, value: unknown, min: number, max: number): number {
  const ms = typeof value === 'string' ? parsedMs(value) : value
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < min || ms > max) {
    throw new InvalidOptionError(name, `a number of ms in [${min}, ${max}], or a text such as '10s'`, value)
  }
  return ms
}

function parsedMs(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(text) ?? []
  const unitMs = UNIT_MS[unit]
  // In millionths, since 0.07 · 1,000 is a little more than 70.
  return unitMs === undefined ? undefined : Math.round(Number(amount) * unitMs * 1_000_000) / 1_000_000
}
