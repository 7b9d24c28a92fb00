/** Addresses are whatever JSON a transport understands; here they are only compared. */

import { deepEqual, type JsonValue } from '../json/index.ts'

/** An address as others hear it: what JSON leaves out of it is no difference between them and us. */
export function asTravelled(address: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(address)) as JsonValue
}

/** Whether two addresses say the same, whatever the order of their fields. */
export function isSameAddress(a: JsonValue, b: JsonValue): boolean {
  return deepEqual(a, b)
}
