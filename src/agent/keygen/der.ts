/** DER, the encoding that certificates are written in: as much of it as they need. Every value is its own bytes. */

import { assert } from '../../core/index.ts'

/** A value of several others. */
export function sequence(...values: readonly Buffer[]): Buffer {
  return tagged(0x30, ...values)
}

/** A set of one value; more would have to be sorted. */
export function setOf(value: Buffer): Buffer {
  return tagged(0x31, value)
}

/** A value with a number in place of its kind. */
export function numbered(number: number, value: Buffer): Buffer {
  return tagged(0xa0 | number, value)
}

/** As {@link numbered}, for the bytes of a value without its head. */
export function numberedBytes(number: number, bytes: Buffer): Buffer {
  return tagged(0x80 | number, bytes)
}

/** An object identifier, such as `2.5.4.3`. */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(baseOf128)]))
}

/** A non-negative integer, its bytes the most significant first. */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(start))
  return tagged(0x02, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]))
}

/** True; false is never written, since it is what absence means. */
export function yes(): Buffer {
  return tagged(0x01, Buffer.from([0xff]))
}

/** Nothing. */
export function nothing(): Buffer {
  return tagged(0x05)
}

/** Text in any script. */
export function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, 'utf8'))
}

/** Bytes. */
export function octets(bytes: Buffer): Buffer {
  return tagged(0x04, bytes)
}

/**
 * Bits.
 *
 * @param unused - bits of the last byte that do not count, 0 to 7
 */
export function bits(bytes: Buffer, unused: number = 0): Buffer {
  return tagged(0x03, Buffer.from([unused]), bytes)
}

/** A moment, to the second. Years from 2050 on have a form of their own. */
export function moment(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  return Number(text.slice(0, 4)) < 2050
    ? tagged(0x17, Buffer.from(text.slice(2), 'latin1'))
    : tagged(0x18, Buffer.from(text, 'latin1'))
}

/** The values inside a value, each with its head. */
export function valuesIn(value: Buffer): readonly Buffer[] {
  const values: Buffer[] = []
  const { start, end } = spanOf(value, 0)
  for (let at = start; at < end; at = spanOf(value, at).end) values.push(value.subarray(at, spanOf(value, at).end))
  return values
}

/** The bytes of a value without its head. */
export function bytesOf(value: Buffer): Buffer {
  const { start, end } = spanOf(value, 0)
  return value.subarray(start, end)
}

function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  assert(length < 0x10000, 'certificates are short')
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

function baseOf128(value: number): readonly number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

/** Only for what the runtime has read as a certificate before. */
function spanOf(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0
  if (first < 0x80) return { start: at + 2, end: at + 2 + first }
  const digits = first & 0x7f
  const start = at + 2 + digits
  return { start, end: start + bytes.readUIntBE(at + 2, digits) }
}
