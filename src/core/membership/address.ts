/** Addresses are whatever JSON a transport understands; here they are only compared. */

import { deepEqual, type JsonValue } from '../json/index.ts'

/** Whether two addresses say the same, whatever the order of their fields. */
export function isSameAddress(a: JsonValue, b: JsonValue): boolean {
  return deepEqual(a, b)
}
