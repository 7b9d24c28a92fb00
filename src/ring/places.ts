/**
 * Places on the circle: numbers of 48 bits, cut from SHA-512, so that every node of every kind computes the same ones. A
 * member has as many as there are virtual nodes; a value has ten, and belongs to the member that follows one of them closest.
 */

import { sha512 } from '@noble/hashes/sha2'
import { InvalidValueError } from '../core/index.ts'

/** The circle has this many places: the last one is followed by 0. */
export const CIRCLE: number = 2 ** 48
/** Places of a value. More share the load more evenly; these come with one hash. */
export const PROBES = 10

/** Longest value that can be looked up, bytes. It is hashed in one go. */
export const RING_VALUE_BYTES_MAX = 1_048_576

const PLACE_BYTES = 6
/** What a hash begins with says what it is of, so that no value can be made to stand exactly where a member does. */
const OF_MEMBER = 0
const OF_VALUE = 1

/**
 * The places of a member, in the order they are made.
 *
 * @param count - how many
 */
export function placesOfMember(id: string, count: number): Float64Array {
  const name = new TextEncoder().encode(id)
  const places = new Float64Array(count)
  for (let made = 0; made < count; made += PROBES) {
    const head = new Uint8Array([OF_MEMBER, 0, 0])
    new DataView(head.buffer).setUint16(1, made / PROBES)
    places.set(cut(hashOf(head, name)).subarray(0, count - made), made)
  }
  return places
}

/**
 * The places of a value: a text stands for its UTF-8 bytes.
 *
 * @throws {InvalidValueError} neither a text nor a `Uint8Array`, or too long
 */
export function placesOfValue(value: unknown): Float64Array {
  const isText = typeof value === 'string'
  if (!isText && !(value instanceof Uint8Array)) {
    throw new InvalidValueError('value', 'must be a text or a Uint8Array: write down other values first')
  }
  // A text is at least as long in bytes as in characters, so that a huge one is not even encoded.
  const bytes = isText && value.length <= RING_VALUE_BYTES_MAX ? new TextEncoder().encode(value) : value
  if (bytes.length > RING_VALUE_BYTES_MAX || typeof bytes === 'string') {
    throw new InvalidValueError('value', `must be no longer than ${RING_VALUE_BYTES_MAX} bytes`)
  }
  return cut(hashOf(new Uint8Array([OF_VALUE]), bytes))
}

/** How far it is from a place to another one, clockwise; 0 to CIRCLE − 1. */
export function distance(from: number, to: number): number {
  return to >= from ? to - from : to - from + CIRCLE
}

function hashOf(head: Uint8Array, rest: Uint8Array): Uint8Array {
  return sha512.create().update(head).update(rest).digest()
}

/** Ten numbers of six bytes each, high byte first; the last four bytes are not used. */
function cut(hash: Uint8Array): Float64Array {
  const view = new DataView(hash.buffer, hash.byteOffset)
  return Float64Array.from({ length: PROBES }, (_, index) => {
    const at = index * PLACE_BYTES
    return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
  })
}
