/**
 * The gate for values: checks that a foreign value is JSON, copies it, freezes the copy and measures it, in one walk.
 * Nothing that passed can change or surprise an encoder later; what cannot be said in JSON is refused, never bent.
 */

import { InvalidValueError } from '../errors.ts'
import { DEPTH_MAX } from './depth-max.ts'
import { numberBytes, stringBytes } from './json-bytes.ts'
import { isPlainObject, type JsonValue } from './json-value.ts'

/** A value that passed the gate. */
export interface Admitted {
  /** A deeply frozen copy. */
  readonly value: JsonValue
  /** Its size as JSON text in UTF-8. */
  readonly bytes: number
}

/**
 * Checks, copies, freezes and measures a value. O(size).
 *
 * @param value - anything
 * @returns the frozen copy and its size
 * @throws {InvalidValueError} undefined, bigint, function, symbol, NaN, ±Infinity, a cycle or nesting over 64 levels,
 *   an instance of a class (Date, Map, Buffer, …), a sparse array, a string with a lone surrogate
 */
export function admitJson(value: unknown): Admitted {
  const gate = new Gate()
  return { value: gate.admit(value), bytes: gate.bytes }
}

class Gate {
  bytes = 0
  readonly #path: (string | number)[] = []

  admit(value: unknown): JsonValue {
    switch (typeof value) {
      case 'string':
        this.bytes += this.#stringBytes(value)
        return value
      case 'number':
        return this.#admitNumber(value)
      case 'boolean':
        this.bytes += value ? 4 : 5
        return value
      case 'object':
        return this.#admitObject(value)
      default:
        throw this.#refusal(
          `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}, which JSON cannot say`,
        )
    }
  }

  #admitNumber(value: number): number {
    if (!Number.isFinite(value)) throw this.#refusal(`is ${value}, which JSON cannot say`)
    this.bytes += numberBytes(value)
    return value === 0 ? 0 : value // JSON has no -0
  }

  #admitObject(value: object | null): JsonValue {
    if (value === null) {
      this.bytes += 4
      return null
    }
    if (this.#path.length >= DEPTH_MAX) throw this.#refusal(`is a cycle or nested over ${DEPTH_MAX} levels`)
    if (Array.isArray(value)) return this.#admitArray(value)
    if (!isPlainObject(value)) throw this.#refusal('is an instance of a class, which JSON cannot say: convert it first')
    return this.#admitFields(value)
  }

  #admitArray(value: readonly unknown[]): JsonValue {
    this.bytes += 2 + Math.max(0, value.length - 1)
    const copy: JsonValue[] = []
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i)
      copy.push(this.admit(value[i]))
      this.#path.pop()
    }
    return Object.freeze(copy)
  }

  #admitFields(value: Record<string, unknown>): JsonValue {
    const keys = Object.keys(value)
    this.bytes += 2 + Math.max(0, keys.length - 1)
    const copy: Record<string, JsonValue> = {}
    for (const key of keys) {
      this.#path.push(key)
      this.bytes += this.#stringBytes(key) + 1
      const field = this.admit(value[key])
      // Assigning to `__proto__` would set the prototype instead of a field.
      if (key === '__proto__') Object.defineProperty(copy, key, { value: field, enumerable: true })
      else copy[key] = field
      this.#path.pop()
    }
    return Object.freeze(copy)
  }

  #stringBytes(text: string): number {
    const bytes = stringBytes(text)
    if (bytes < 0) throw this.#refusal('has a lone surrogate, so it is not Unicode text')
    return bytes
  }

  #refusal(problem: string): InvalidValueError {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    return new InvalidValueError(`$${steps.join('')}`.slice(0, 200), problem)
  }
}
