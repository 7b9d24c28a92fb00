/** The options of the catch-up plug-in: what they mean, what they bound and what is refused. */

import { InvalidOptionError, integerIn, isName, type JsonValue, looseOptions, orDefault } from '../../core/index.ts'
import { TIME_MS_MAX } from '../options.ts'

/** What a user may say. Sizes are bytes of JSON, times ms. */
export interface CatchUpOptions {
  /** The plug-in's name: nodes exchange the logs of plug-ins of one name. @defaultValue 'catch-up' */
  readonly name?: string | undefined
  /**
   * Told each entry of other nodes' logs, once and in order, when it is in this node's copy.
   *
   * @param index - its place in the log of that node, from 0
   */
  readonly onEntry?: ((peerId: string, index: number, entry: JsonValue) => unknown) | undefined
  /** Told when a node has begun another log: this node's copy of the former one is gone. */
  readonly onReset?: ((peerId: string) => unknown) | undefined
  /** Entries of one log. @defaultValue 65_536 */
  readonly entriesMax?: number | undefined
  /** Bytes of one log. @defaultValue 16_777_216 */
  readonly logBytesMax?: number | undefined
  /** Bytes of one entry. @defaultValue 65_536 */
  readonly entryBytesMax?: number | undefined
  /** Logs of others that are copied. @defaultValue 256 */
  readonly logsMax?: number | undefined
  /** Entries in one answer. @defaultValue 256 */
  readonly batchEntriesMax?: number | undefined
  /** Bytes of entries in one answer; not less than `entryBytesMax`. @defaultValue 262_144 */
  readonly batchBytesMax?: number | undefined
  /** Peers that are asked at the same time. @defaultValue 8 */
  readonly fetchesMax?: number | undefined
  /** How long an answer may take. @defaultValue 10_000 */
  readonly timeoutMs?: number | undefined
  /** After a failure, who is still behind asks again after this time. @defaultValue 5_000 */
  readonly retryMs?: number | undefined
}

/** Options with every field filled. */
export type ResolvedCatchUpOptions = Readonly<{
  [name in keyof CatchUpOptions]-?: Exclude<CatchUpOptions[name], undefined>
}>

const DEFAULTS = Object.freeze({
  entriesMax: 65_536,
  logBytesMax: 16_777_216,
  entryBytesMax: 65_536,
  logsMax: 256,
  batchEntriesMax: 256,
  batchBytesMax: 262_144,
  fetchesMax: 8,
  timeoutMs: 10_000,
  retryMs: 5_000,
})

const RANGES: { readonly [name in keyof typeof DEFAULTS]: readonly [min: number, max: number] } = {
  entriesMax: [1, 2 ** 32],
  logBytesMax: [1, 2 ** 40],
  entryBytesMax: [1, 524_288],
  logsMax: [1, 65_536],
  batchEntriesMax: [1, 65_536],
  batchBytesMax: [1, 524_288],
  fetchesMax: [1, 4_096],
  timeoutMs: [1, TIME_MS_MAX],
  retryMs: [1, TIME_MS_MAX],
}

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function resolveCatchUpOptions(options?: CatchUpOptions): ResolvedCatchUpOptions {
  const given = looseOptions(options, 'options', [...Object.keys(DEFAULTS), 'name', 'onEntry', 'onReset'])
  const resolved: { -readonly [name in keyof typeof DEFAULTS]: number } = { ...DEFAULTS }
  for (const name of Object.keys(RANGES) as (keyof typeof DEFAULTS)[]) {
    if (given[name] !== undefined) resolved[name] = integerIn(name, given[name], ...RANGES[name])
  }
  if (resolved.batchBytesMax < resolved.entryBytesMax) {
    const rule = `at least entryBytesMax, which is ${resolved.entryBytesMax}`
    throw new InvalidOptionError('batchBytesMax', rule, resolved.batchBytesMax)
  }
  const name = orDefault(given['name'], 'catch-up')
  if (!isName(name)) throw new InvalidOptionError('name', 'a text of 1 to 256 bytes', name)
  return Object.freeze({
    ...resolved,
    name,
    onEntry: functionOption<ResolvedCatchUpOptions['onEntry']>('onEntry', given['onEntry']),
    onReset: functionOption<ResolvedCatchUpOptions['onReset']>('onReset', given['onReset']),
  })
}

function functionOption<F>(name: string, value: unknown): F {
  const given = orDefault(value, () => {})
  if (typeof given !== 'function') throw new InvalidOptionError(name, 'a function', given)
  return given as F
}
