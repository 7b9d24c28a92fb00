/** Values of the wrong type or out of range, for tests that put each of them into each field of a message. */

/** What is no integer in [0, max]: nothing of this may pass for a version, a generation, a heartbeat, a time. */
export const noCount: readonly unknown[] = [
  undefined,
  null,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.MAX_SAFE_INTEGER + 1,
  1e300,
  '1',
  '',
  true,
  [],
  [1],
  {},
  { valueOf: 1 },
  1n,
]

/** What is no name of a peer or a key. */
export const noName: readonly unknown[] = [
  undefined,
  null,
  '',
  'x'.repeat(257),
  'é'.repeat(129),
  '\u0000'.repeat(43),
  '\ud800',
  'a\udfff',
  0,
  true,
  [],
  ['a'],
  {},
  { toString: 'a' },
]

/** What is no JSON, so neither a value nor an address. */
export const noJson: readonly unknown[] = [
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  1n,
  '\udc00',
  ['\ud800'],
  { '\ud800': 1 },
  () => 1,
  Symbol('a'),
  new Date(0),
  new Map(),
  [undefined],
  { a: undefined },
  sparse(),
  nested(65),
]

/** What is no object with fields. */
export const noObject: readonly unknown[] = [undefined, null, 0, '', 'text', true, new Date(0), new Map(), () => 1]

/** What is no array. */
export const noArray: readonly unknown[] = [undefined, null, 0, '', 'text', true, {}, { length: 1, 0: {} }]

/** A field of a message under another value; `undefined` leaves it out. */
export function withField(message: object, field: string, value: unknown): object {
  const copy: Record<string, unknown> = { ...message }
  if (value === undefined) delete copy[field]
  else copy[field] = value
  return copy
}

/** A message that names its own faults, for the text of a failed assertion. */
export function shown(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function sparse(): unknown[] {
  const list: unknown[] = [1]
  list[2] = 2
  return list
}

function nested(levels: number): unknown {
  return levels === 0 ? 0 : [nested(levels - 1)]
}
