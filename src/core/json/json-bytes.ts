/**
 * How many bytes a value takes as JSON text in UTF-8, without writing the text. Budgets are kept with these figures,
 * so they must equal what `JSON.stringify` produces, byte for byte.
 */

import type { JsonValue } from './json-value.ts'

/**
 * Bytes of a string as JSON, quotes and escapes included. O(length).
 *
 * @returns the number of bytes, or -1 when the string has a lone surrogate and so is not Unicode text
 */
export function stringBytes(text: string): number {
  let bytes = 2
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += asciiBytes(unit)
    else if (unit < 0x800) bytes += 2
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3
    else {
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0
      if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) return -1
      bytes += 4
      i++
    }
  }
  return bytes
}

/** Bytes of a finite number as JSON. */
export function numberBytes(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 1e15) {
    let bytes = 1
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) bytes++
    return bytes
  }
  return String(value).length
}

/** Bytes of any JSON value; fields that are `undefined` are left out, as JSON.stringify does. */
export function jsonBytes(value: JsonValue | undefined): number {
  switch (typeof value) {
    case 'string':
      return stringBytes(value)
    case 'number':
      return numberBytes(value)
    case 'boolean':
      return value ? 4 : 5
    case 'undefined':
      return 0
    default:
      return value === null ? 4 : containerBytes(value)
  }
}

function containerBytes(value: readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }): number {
  let bytes = 2
  let commas = -1
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      bytes += jsonBytes(item)
      commas++
    }
  } else {
    const fields = value as { readonly [key: string]: JsonValue | undefined }
    for (const key of Object.keys(fields)) {
      const field = fields[key]
      if (field === undefined) continue
      bytes += stringBytes(key) + 1 + jsonBytes(field)
      commas++
    }
  }
  return bytes + Math.max(0, commas)
}

function asciiBytes(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2
  if (unit >= 0x20) return 1
  // \b \t \n \f \r are two bytes; every other control character is \u00XX.
  return unit === 8 || unit === 9 || unit === 10 || unit === 12 || unit === 13 ? 2 : 6
}
