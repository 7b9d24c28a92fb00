/** Which faults befall a simulation by chance, and how often. */

import { InvalidOptionError, looseOptions, orDefault } from '../../core/index.ts'
import { type Distribution, distributionIn } from '../distribution.ts'
import type { DiskFate } from '../world/index.ts'

/** Less often than every ms, or time would stand still. */
export const EVERY_MS_MIN = 1
/** The smallest limit of messages. */
export const MESSAGE_BYTES_MIN = 512

/** Times between the beginnings of two faults of one kind, ms; a draw below 1 counts as 1. */
export interface Repeated {
  readonly everyMs: Distribution
}

/** A fault that ends by itself. */
export interface Lasting extends Repeated {
  readonly forMs: Distribution
}

/** All optional: what is left out does not happen. */
export interface FaultOptions {
  /** The way from one machine to another is closed, one way. */
  readonly cuts?: Lasting
  /** The machines fall into two parts. */
  readonly partitions?: Lasting
  /** A process ends without a word, and is started again later. `disk`: what may become of it, all equally likely. */
  readonly crashes?: Lasting & { readonly disk?: readonly DiskFate[] }
  /** A machine does nothing for a time. */
  readonly stalls?: Lasting
  /** A machine's wall clock jumps; `byMs` may be negative. */
  readonly clockJumps?: Repeated & { readonly byMs: Distribution }
  /** Messages above a size are lost; a draw below 512 counts as 512. */
  readonly messageLimits?: Lasting & { readonly bytes: Distribution }
  /** Messages arrive damaged, with this chance. */
  readonly corruption?: Lasting & { readonly chance: Distribution }
  /** A second process runs under the id of another, with a copy of its disk, and ends. */
  readonly twins?: Lasting
}

/** Names of all kinds of faults. */
export const FAULT_KINDS: readonly (keyof FaultOptions)[] = [
  'cuts',
  'partitions',
  'crashes',
  'stalls',
  'clockJumps',
  'messageLimits',
  'corruption',
  'twins',
]

const DISK_FATES: readonly DiskFate[] = ['kept', 'lost', 'torn']
const DAY_MS = 86_400_000

/**
 * Checks the options.
 *
 * @throws {InvalidOptionError} an unknown kind of fault, or a part that is no distribution
 */
export function resolveFaultOptions(options: FaultOptions | undefined): FaultOptions {
  const loose = looseOptions(options, 'faults', FAULT_KINDS)
  return Object.fromEntries(
    Object.entries(loose).flatMap(([kind, fault]) => (fault === undefined ? [] : [[kind, resolveFault(kind, fault)]])),
  )
}

function resolveFault(kind: string, value: unknown): object {
  const name = `faults.${kind}`
  const known = ['everyMs', ...(EXTRA_FIELDS[kind] ?? ['forMs'])]
  const loose = looseOptions(value, name, known)
  const resolved: Record<string, unknown> = {
    everyMs: distributionIn(`${name}.everyMs`, loose['everyMs'], EVERY_MS_MIN, DAY_MS),
  }
  if (known.includes('forMs')) resolved['forMs'] = distributionIn(`${name}.forMs`, loose['forMs'], 0, DAY_MS)
  if (known.includes('byMs'))
    resolved['byMs'] = distributionIn(`${name}.byMs`, loose['byMs'], -10_000 * DAY_MS, 10_000 * DAY_MS)
  if (known.includes('bytes'))
    resolved['bytes'] = distributionIn(`${name}.bytes`, loose['bytes'], MESSAGE_BYTES_MIN, 2 ** 30)
  if (known.includes('chance')) resolved['chance'] = distributionIn(`${name}.chance`, loose['chance'], 0, 1)
  if (known.includes('disk')) resolved['disk'] = diskFates(`${name}.disk`, orDefault(loose['disk'], DISK_FATES))
  return resolved
}

const EXTRA_FIELDS: Readonly<Record<string, readonly string[]>> = {
  crashes: ['forMs', 'disk'],
  clockJumps: ['byMs'],
  messageLimits: ['forMs', 'bytes'],
  corruption: ['forMs', 'chance'],
}

function diskFates(name: string, value: unknown): readonly DiskFate[] {
  const isFate = (fate: unknown): fate is DiskFate => DISK_FATES.some((known) => known === fate)
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFate)) {
    throw new InvalidOptionError(name, `a list of some of ${DISK_FATES.join(', ')}`, value)
  }
  return value
}
