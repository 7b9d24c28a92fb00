/**
 * Damages a payload at one random place; it stays JSON. Two kinds, since they differ in what a receiver can tell: a
 * wrong shape is always found by whoever checks it, while a changed value in a right shape is a lie that nothing but
 * the owner's signature could expose.
 */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import { textOf } from './message.ts'

/**
 * `'shape'`: a part of the message that the gossip protocol checks is replaced by something that it never allows, so
 * every node of this library refuses the whole message. `'any'`: any place at all, values of keys and names of peers included, so
 * readers may believe what nobody wrote.
 */
export type Corruption = 'shape' | 'any'

/** Somewhere in a payload: a field of an object or an item of an array. */
interface Place {
  readonly holder: Record<string, JsonValue> | JsonValue[]
  readonly key: string | number
}

/** In no place of a digest or of deltas that the protocol reads may one of these stand, but in values and addresses. */
const NEVER_ALLOWED: readonly JsonValue[] = [null, -1, 0.5, '']

/** One of each type of JSON, made anew each time: what is put into a message is shared with nobody. */
const examples = (): JsonValue[] => [null, true, 7, 'seven', [7], { seven: 7 }]

/**
 * A damaged copy; the payload itself is left as it is. O(size).
 *
 * @param random - uniform in [0, 1): where and how
 * @throws {InvalidValueError} JSON cannot say the payload
 */
export function corrupt(payload: JsonValue, corruption: Corruption, random: () => number): JsonValue {
  // A place in a box is the payload itself.
  const box: [JsonValue] = [JSON.parse(textOf(payload)) as JsonValue]
  const root: Place = { holder: box, key: 0 }
  if (corruption === 'shape') {
    const place = pick([root, ...protocolPlaces(box[0])], random)
    put(place, pick(otherThan(NEVER_ALLOWED, valueAt(place)), random))
  } else {
    damage(pick([root, ...placesWithin(box[0])], random), root, random)
  }
  return box[0]
}

/** A damaged copy of bytes: one of them is another, or, where there is none, there is one. */
export function corruptBytes(payload: Uint8Array, random: () => number): Uint8Array {
  const damaged = new Uint8Array(payload.length === 0 ? [0] : payload)
  const at = Math.floor(random() * damaged.length)
  damaged[at] = (damaged[at] ?? 0) ^ (1 + Math.floor(random() * 255))
  return damaged
}

/**
 * What every reader checks of a digest or of deltas, whichever it is: that there are items, what each of them is, the
 * fields of those that are objects, and the entries of those that are groups. An address may be any JSON.
 */
function protocolPlaces(payload: JsonValue): Place[] {
  const places: Place[] = []
  for (const item of placesIn(payload).filter(({ holder }) => Array.isArray(holder))) {
    places.push(item)
    const value = valueAt(item)
    if (!isPlainObject(value)) continue
    places.push(...placesIn(value).filter(({ key }) => key !== 'transport'))
    if (Array.isArray(value['entries'])) places.push(...placesIn(value['entries'] as JsonValue[]))
  }
  return places
}

function damage(place: Place, root: Place, random: () => number): void {
  const value = valueAt(place)
  const ways = [() => put(place, pick(ofOtherType(value), random))]
  if (place !== root) ways.push(() => remove(place))
  if (typeof value === 'number')
    ways.push(() => put(place, pick(otherThan([value + 1, value - 1, -value, 0], value), random)))
  if (typeof value === 'string' && value !== '') ways.push(() => put(place, truncated(value, random)))
  pick(ways, random)()
}

/** Cut between characters, not within one: half a character is no Unicode text. */
function truncated(text: string, random: () => number): string {
  const characters = Array.from(text)
  return characters.slice(0, Math.floor(random() * characters.length)).join('')
}

function ofOtherType(value: JsonValue): JsonValue[] {
  return examples().filter((example) => typeOf(example) !== typeOf(value))
}

function otherThan<T extends JsonValue>(candidates: readonly T[], value: JsonValue): T[] {
  return candidates.filter((candidate) => candidate !== value)
}

function typeOf(value: JsonValue): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function placesWithin(value: JsonValue): Place[] {
  return placesIn(value).flatMap((place) => [place, ...placesWithin(valueAt(place))])
}

function placesIn(value: JsonValue): Place[] {
  if (Array.isArray(value)) {
    const holder = value as JsonValue[]
    return holder.map((_item, key) => ({ holder, key }))
  }
  if (!isPlainObject(value)) return []
  const holder = value as Record<string, JsonValue>
  return Object.keys(holder).map((key) => ({ holder, key }))
}

function valueAt({ holder, key }: Place): JsonValue {
  return (holder as Record<string | number, JsonValue>)[key] as JsonValue
}

/** Every place is an own property by now, so that `__proto__` is a name like any other. */
function put({ holder, key }: Place, value: JsonValue): void {
  ;(holder as Record<string | number, JsonValue>)[key] = value
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

function pick<T>(candidates: readonly T[], random: () => number): T {
  return candidates[Math.floor(random() * candidates.length)] as T
}
