/** Compares what was sent with what came, and says where they part, in words that fit on a line. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import { addressesOf } from '../wire/index.ts'

const CHARS_MAX = 60

/**
 * Where two JSON values first differ.
 *
 * @param path - how the place is called, such as `payload`
 * @returns one line, or undefined if they say the same
 */
export function difference(sent: unknown, came: unknown, path: string): string | undefined {
  if (Object.is(sent, came)) return undefined
  if (Array.isArray(sent) && Array.isArray(came)) return arrayDifference(sent, came, path)
  if (isPlainObject(sent) && isPlainObject(came)) return objectDifference(sent, came, path)
  return `${path} was sent as ${shortText(sent)} and came as ${shortText(came)}`
}

/**
 * Where an address that came differs from the one it stands for. A node with several ways may name the one that was used.
 *
 * @returns one line, or undefined if it is that address or one of those it names
 */
export function addressDifference(sent: JsonValue, came: unknown, path: string): string | undefined {
  const ways = addressesOf(sent).map((way) => (isPlainObject(way) ? withoutAlso(way) : way))
  if (ways.some((way) => difference(way, came, path) === undefined)) return undefined
  return difference(sent, came, path)
}

/** One text per JSON value, whatever the order of an object's fields; other values are marked, so that none is lost. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (isPlainObject(value)) {
    const fields = Object.keys(value).sort()
    return `{${fields.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key])}`).join(',')}}`
  }
  return isScalar(value) ? JSON.stringify(value) : `!${typeof value} ${String(value)}`
}

/** A value for a message: JSON where it is JSON, cut when long. */
export function shortText(value: unknown): string {
  const text = canonicalText(value)
  return text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}… (${text.length} characters)` : text
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function arrayDifference(sent: readonly unknown[], came: readonly unknown[], path: string): string | undefined {
  if (sent.length !== came.length) return `${path} was sent with ${sent.length} items and came with ${came.length}`
  for (const [i, item] of sent.entries()) {
    const found = difference(item, came[i], `${path}[${i}]`)
    if (found !== undefined) return found
  }
  return undefined
}

function objectDifference(
  sent: Record<string, unknown>,
  came: Record<string, unknown>,
  path: string,
): string | undefined {
  for (const key of Object.keys(sent)) {
    if (!Object.hasOwn(came, key)) return `${path}.${key} was sent and did not come`
    const found = difference(sent[key], came[key], `${path}.${key}`)
    if (found !== undefined) return found
  }
  const extra = Object.keys(came).find((key) => !Object.hasOwn(sent, key))
  return extra === undefined ? undefined : `${path}.${extra} came and was not sent`
}

function withoutAlso(address: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(address).filter(([name]) => name !== 'also'))
}
