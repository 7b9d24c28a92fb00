/** The values that can be replicated: what JSON can say and nothing else. */

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** A JSON object; its keys are data, so `__proto__` is a name like any other. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/**
 * Whether a value is an object that JSON would write as `{…}` with all its own fields: no class instance, no array.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // A foreign realm's Object.prototype is not ours, but nothing stands above it.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}
