/** Lines of a trace as records again. */

import type { JsonValue } from '../../../src/core/index.ts'

/** The records on some lines, all or those of one kind. */
export function recordsOn(lines: readonly string[], what?: string): readonly Readonly<Record<string, JsonValue>>[] {
  const records = lines.map((line) => JSON.parse(line) as Readonly<Record<string, JsonValue>>)
  return what === undefined ? records : records.filter((record) => record['what'] === what)
}
