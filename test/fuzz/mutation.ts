/** Ways to spoil what was right: bytes that flip, vanish and repeat, and JSON whose parts are not what they should be. */

/** Uniform numbers in [0, 1). */
export type Random = () => number

/** Values that have hurt parsers before. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  '',
  '__proto__',
  'constructor',
  '\ud800',
  '\u0000',
  'x'.repeat(300),
  'x'.repeat(70_000),
  0,
  -0,
  -1,
  0.5,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  { host: '127.0.0.1', port: 1 },
]

/** Texts that are put between bytes. */
const ODD_TEXTS: readonly string[] = [
  '\r\n',
  '\n\n',
  '\0',
  'null',
  '}',
  '{"',
  '\\u',
  '1e999',
  '-',
  '99999999999999999999',
  '[[[[',
  '"__proto__":',
  '\u2028',
  '😀',
]

/** A whole number in [0, below). */
export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound)
}

/** One of several. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T
}

/** A copy of bytes with one to four things wrong. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let mutated: Buffer = Buffer.from(bytes)
  for (let i = below(random, 4); i >= 0; i--) mutated = oneOf(random, BYTE_MUTATIONS)(mutated, random)
  return mutated
}

/** A copy of a JSON value in which one part is another one. */
export function mutateJson(value: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(value)
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = []
  collect(copy, places)
  if (places.length === 0) return oneOf(random, ODD_VALUES)
  const { holder, key } = oneOf(random, places)
  const other = oneOf(random, places)
  const change = below(random, 6)
  if (change === 0) delete holder[key]
  else if (change === 1) holder[key] = structuredClone(other.holder[other.key])
  else if (change === 2) holder[key] = nested(holder[key], 1 + below(random, 200))
  else if (change === 3 && typeof holder[key] === 'number') holder[key] += oneOf(random, [1, -1, 2 ** 40, 0.5])
  else holder[key] = oneOf(random, ODD_VALUES)
  return copy
}

const BYTE_MUTATIONS: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  flipBits,
  (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1)),
  (bytes, random) => bytes.subarray(below(random, bytes.length + 1)),
  (bytes, random) => insert(bytes, random, Buffer.from(oneOf(random, ODD_TEXTS))),
  (bytes, random) => insert(bytes, random, randomBytes(random, 1 + below(random, 16))),
  // Broken UTF-8: a beginning without its rest, and a rest without a beginning.
  (bytes, random) =>
    insert(bytes, random, Buffer.from(oneOf(random, [[0xc3], [0x80, 0x80], [0xf4, 0x90, 0x80, 0x80]]))),
  (bytes, random) => insert(bytes, random, slice(bytes, random)),
  (bytes, random) => insert(bytes, random, Buffer.from('['.repeat(below(random, 100_000)))),
  repeatLines,
]

/** Bytes by chance. */
export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)))
}

function flipBits(bytes: Buffer, random: Random): Buffer {
  for (let i = below(random, 8); i >= 0 && bytes.length > 0; i--) {
    const at = below(random, bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << below(random, 8))
  }
  return bytes
}

function insert(bytes: Buffer, random: Random, inserted: Buffer): Buffer {
  const at = below(random, bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
}

function slice(bytes: Buffer, random: Random): Buffer {
  const from = below(random, bytes.length + 1)
  return bytes.subarray(from, from + below(random, 2_000))
}

function repeatLines(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString('latin1').split('\n')
  const line = oneOf(random, lines)
  return Buffer.concat([bytes, Buffer.from(`${line}\n`.repeat(1 + below(random, 50)), 'latin1')])
}

function collect(value: unknown, places: { holder: Record<string, unknown>; key: string }[]): void {
  if (typeof value !== 'object' || value === null) return
  const holder = value as Record<string, unknown>
  for (const key of Object.keys(holder)) {
    places.push({ holder, key })
    collect(holder[key], places)
  }
}

function nested(value: unknown, levels: number): unknown {
  let nest = value
  for (let i = 0; i < levels; i++) nest = i % 2 === 0 ? [nest] : { nest }
  return nest
}
