export { type Admitted, admitJson } from './admit.ts'
export { deepEqual } from './deep-equal.ts'
export { jsonBytes, numberBytes, stringBytes } from './json-bytes.ts'
export { isPlainObject, type JsonObject, type JsonValue } from './json-value.ts'
