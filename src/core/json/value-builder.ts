/**
 * The gate for values that arrive in parts: what `admitJson` does in one walk over a whole value, done while the value is
 * still being read, so that a large one is never walked, or held, twice. What came through is sealed: `parseJson` takes a
 * sealed value as it is, and nothing that was parsed from a message can look like one.
 */

import { assert } from '../assert.ts'
import { InvalidValueError } from '../errors.ts'
import type { Admitted } from './admit.ts'
import { DEPTH_MAX } from './depth-max.ts'
import { numberBytes, stringBytes } from './json-bytes.ts'
import type { JsonValue } from './json-value.ts'

/** A value that a {@link ValueBuilder} has let through. It can be told from anything that looks like it. */
class Sealed implements Admitted {
  readonly value: JsonValue
  readonly bytes: number
  readonly #isSealed = true

  constructor(value: JsonValue, bytes: number) {
    this.value = value
    this.bytes = bytes
  }

  static is(value: unknown): value is Sealed {
    return typeof value === 'object' && value !== null && #isSealed in value && value.#isSealed
  }
}

/** The value in a seal, or undefined where there is none: the one who reads it need not check it again. */
export function sealedJson(value: unknown): Admitted | undefined {
  return Sealed.is(value) ? value : undefined
}

/** Below this length the runtime copies parts of strings anyway. */
const COPIED_LENGTH_MAX = 12
/** Longest string that every runtime can hold. */
const STRING_LENGTH_MAX = 2 ** 29 - 64

/** An array or object whose end has not come yet. */
interface OpenContainer {
  readonly value: JsonValue[] | Record<string, JsonValue>
  /** Items or fields that have begun. */
  size: number
  key: string | undefined
}

/**
 * Builds one value after the other from the steps of a parser. Every step is checked: what the text of a value may be,
 * how deep it may be nested, how many bytes it may take. After a step that throws it is of no more use.
 */
export class ValueBuilder {
  #bytesMax: number
  #bytes = 0
  readonly #open: OpenContainer[] = []
  #root: JsonValue | undefined
  /** What has come of the string that is being read. Of a long one, a tree of its parts: it is not copied again. */
  #text = ''
  #textBytes = 2

  /** @param bytesMax - most bytes of JSON that the next value may take */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Bytes of JSON so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a whole value is there, to be taken. */
  get isComplete(): boolean {
    return this.#root !== undefined && this.#open.length === 0
  }

  /** Whether a container is open, so that what comes belongs into it. */
  get isWithin(): boolean {
    return this.#open.length > 0
  }

  /**
   * Takes out the value that is complete, and begins anew.
   *
   * @param bytesMax - most bytes of JSON that the next value may take
   */
  take(bytesMax: number): Admitted {
    const value = this.#root
    assert(value !== undefined && this.#open.length === 0, 'only a whole value can be taken')
    const sealed = new Sealed(value, this.#bytes)
    this.limit(bytesMax)
    this.#root = undefined
    this.#bytes = 0
    return sealed
  }

  /** Says how many bytes of JSON the value that has not begun yet may take. */
  limit(bytesMax: number): void {
    this.#bytesMax = bytesMax
  }

  /**
   * A part of a string, of a value or of a key. No surrogate pair may be cut.
   *
   * @throws {InvalidValueError} a lone surrogate, or more bytes than the value may take
   */
  part(text: string): void {
    const bytes = stringBytes(text) - 2
    if (bytes < 0) throw this.#refusal('has a lone surrogate, so it is not Unicode text')
    this.#textBytes += bytes
    this.#assertFits(this.#textBytes)
    if (this.#text.length + text.length > STRING_LENGTH_MAX) throw this.#refusal('is too long a string')
    this.#text = this.#text === '' ? copied(text) : this.#text + copied(text)
  }

  /** The parts so far are a string of the value. */
  string(): void {
    const text = this.#text
    this.#count(this.#textBytes)
    this.#forgetText()
    this.#add(text)
  }

  /** The parts so far are the key of what comes next. Twice the same key in one object is refused. */
  key(): void {
    const container = this.#open.at(-1)
    if (container === undefined || Array.isArray(container.value) || container.key !== undefined) {
      throw this.#refusal('has a key in the wrong place')
    }
    const key = this.#text
    if (Object.hasOwn(container.value, key)) throw this.#refusal('names a key twice')
    this.#count(this.#textBytes + (container.size++ === 0 ? 1 : 2))
    this.#forgetText()
    container.key = key
  }

  /** A number, finite. */
  number(value: number): void {
    if (!Number.isFinite(value)) throw this.#refusal(`is ${value}, which JSON cannot say`)
    this.#count(numberBytes(value))
    this.#add(value === 0 ? 0 : value) // JSON has no -0
  }

  /** `true`, `false` or `null`. */
  literal(value: boolean | null): void {
    this.#count(value === false ? 5 : 4)
    this.#add(value)
  }

  /** An array begins. */
  openArray(): void {
    this.#begin([])
  }

  /** An object begins. */
  openObject(): void {
    this.#begin({})
  }

  /** The innermost array ends. */
  closeArray(): void {
    this.#end(true)
  }

  /** The innermost object ends. */
  closeObject(): void {
    this.#end(false)
  }

  #begin(value: JsonValue[] | Record<string, JsonValue>): void {
    if (this.#open.length >= DEPTH_MAX) throw this.#refusal(`is nested over ${DEPTH_MAX} levels`)
    this.#count(2)
    this.#open.push({ value, size: 0, key: undefined })
  }

  #end(isArray: boolean): void {
    const container = this.#open.pop()
    if (container === undefined || container.key !== undefined || Array.isArray(container.value) !== isArray) {
      throw this.#refusal('ends in the wrong place')
    }
    this.#add(Object.freeze(container.value))
  }

  #add(value: JsonValue): void {
    const container = this.#open.at(-1)
    if (container === undefined) {
      if (this.#root !== undefined) throw this.#refusal('is followed by another value')
      this.#root = value
    } else if (Array.isArray(container.value)) {
      if (container.size++ > 0) this.#count(1)
      container.value.push(value)
    } else {
      const { key } = container
      if (key === undefined) throw this.#refusal('lacks a key')
      container.key = undefined
      // Assigning to `__proto__` would set the prototype instead of a field.
      if (key === '__proto__') Object.defineProperty(container.value, key, { value, enumerable: true })
      else container.value[key] = value
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#assertFits(0)
  }

  #assertFits(moreBytes: number): void {
    if (this.#bytes + moreBytes > this.#bytesMax) throw this.#refusal(`takes over ${this.#bytesMax} bytes`)
  }

  #forgetText(): void {
    this.#text = ''
    this.#textBytes = 2
  }

  #refusal(problem: string): InvalidValueError {
    return new InvalidValueError('$', problem)
  }
}

/** A part of a text may hold on to the whole text; a joined string stands by itself. */
function copied(text: string): string {
  return text.length <= COPIED_LENGTH_MAX ? text : [text.slice(0, 1), text.slice(1)].join('')
}
