/**
 * As much of the protobuf wire format as flat messages take: varints and texts are written, everything is read or
 * skipped. What comes from the network is read within its own bytes only, however long it claims to be.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

import { MalformedMessageError } from '../../core/index.ts'

/** A field that was read: a number (wire type 0) or bytes (wire type 2). Fields of other types are skipped. */
export interface ProtobufField {
  /** From 1. */
  readonly number: number
  readonly value: number | Uint8Array
}

const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const GROUP_START = 3
const GROUP_END = 4
const FIXED_32 = 5

const VARINT_BYTES_MAX = 10
const GROUP_DEPTH_MAX = 16
const FIELD_NUMBER_MAX = 2 ** 29 - 1

/** A field with a number. */
export function varintField(number: number, value: number): readonly number[] {
  return [...varint(number * 8 + VARINT), ...varint(value)]
}

/** The bytes before a field with a text or bytes. */
export function bytesFieldHead(number: number, length: number): readonly number[] {
  return [...varint(number * 8 + BYTES), ...varint(length)]
}

/**
 * The fields of a message in their order, one at a time: a message may have millions that nobody wants.
 *
 * @throws {MalformedMessageError} the bytes end within a field, or are no fields at all
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField, void> {
  const reader = new FieldReader(bytes)
  while (!reader.isAtEnd) {
    const field = reader.next()
    if (field !== undefined) yield field
  }
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  return [...bytes, rest]
}

class FieldReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** The next field; undefined for one of a type that is skipped. */
  next(): ProtobufField | undefined {
    const { number, type } = this.#key()
    if (type === VARINT) return { number, value: this.#varint() }
    if (type === BYTES) return { number, value: this.#take(this.#varint()) }
    this.#skip(number, type, 0)
    return undefined
  }

  #skip(number: number, type: number, depth: number): void {
    if (type === VARINT) this.#varint()
    else if (type === BYTES) this.#take(this.#varint())
    else if (type === FIXED_64) this.#take(8)
    else if (type === FIXED_32) this.#take(4)
    else if (type === GROUP_START && depth < GROUP_DEPTH_MAX) this.#skipGroup(number, depth + 1)
    else throw new MalformedMessageError(`field ${number} of the package has the wire type ${type}`)
  }

  #skipGroup(number: number, depth: number): void {
    for (;;) {
      const field = this.#key()
      if (field.type === GROUP_END && field.number === number) return
      this.#skip(field.number, field.type, depth)
    }
  }

  #key(): { number: number; type: number } {
    const key = this.#varint()
    const number = Math.floor(key / 8)
    if (number >= 1 && number <= FIELD_NUMBER_MAX) return { number, type: key % 8 }
    throw new MalformedMessageError('the package has a field without a number')
  }

  /** Numbers above 2^53 lose their last digits; none that means anything is so large. */
  #varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new MalformedMessageError('the package ends within a number')
      value += (byte % 0x80) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
    throw new MalformedMessageError('the package has a number without an end')
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new MalformedMessageError('the package ends within a field')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
