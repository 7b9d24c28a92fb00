/** The options of faults: what they mean and what is refused. */

import {
  InvalidOptionError,
  integerIn,
  type JsonValue,
  looseOptions,
  numberIn,
  orDefault,
  runtimeSystem,
  type System,
} from '../../core/index.ts'
import type { Corruption } from './corrupt.ts'
import { DELAY_MS_MAX, type Delay, delayOption } from './delay.ts'

/** What may be changed at any time. A chance is a number in [0, 1]; all are 0 unless given. */
export interface FaultSettings {
  /** Chance that a message never arrives. @defaultValue 0 */
  lossChance?: number
  /** Chance that a message is sent twice; each copy has its own delay, place and damage. @defaultValue 0 */
  duplicateChance?: number
  /** How late messages are, ms: a number, `{minMs, maxMs}` uniform, `{meanMs, maxMs}` exponential. @defaultValue 0 */
  delayMs?: Delay
  /** Chance that a message is held back until another one to the same partner has gone. @defaultValue 0 */
  reorderChance?: number
  /** How long a message waits to be overtaken before it goes all the same, ms, 1 to 3_600_000. @defaultValue 1_000 */
  reorderMsMax?: number
  /** Chance that the payload is damaged. @defaultValue 0 */
  corruptChance?: number
  /**
   * What damage: `'shape'` is always refused by its reader; `'any'` may also make a message that reads well and lies,
   * which without signatures nobody can tell. @defaultValue 'shape'
   */
  corruption?: Corruption
  /**
   * Which ways are cut, besides those that `partition` cut: asked for every message, with the addresses of its sender
   * (null: not known yet) and its receiver, when it is sent and again when it leaves late. @defaultValue none
   */
  isCut?: (from: JsonValue, to: JsonValue) => boolean
}

/** What `withFaults` takes. */
export interface FaultOptions extends FaultSettings {
  /** What the dice start from, an integer in [0, 2^32); give every node its own. @defaultValue drawn from `system` */
  seed?: number
  /** Time, timers and the seed, where none is given. @defaultValue the runtime's */
  system?: System
  /** Messages held at the same time; beyond it they are dropped, with an `error`. @defaultValue 4_096 */
  heldMessagesMax?: number
  /** Bytes of JSON held at the same time; beyond it messages are dropped, with an `error`. @defaultValue 67_108_864 */
  heldBytesMax?: number
}

/** Nothing left open. */
export type ResolvedFaultSettings = Readonly<Required<FaultSettings>>

/** Nothing left open. */
export interface ResolvedFaultOptions {
  readonly settings: ResolvedFaultSettings
  readonly seed: number
  readonly system: System
  readonly heldMessagesMax: number
  readonly heldBytesMax: number
}

const SEED_MAX = 2 ** 32 - 1

const NO_FAULTS: ResolvedFaultSettings = Object.freeze({
  lossChance: 0,
  duplicateChance: 0,
  delayMs: 0,
  reorderChance: 0,
  reorderMsMax: 1_000,
  corruptChance: 0,
  corruption: 'shape',
  isCut: () => false,
})

const FIXED = Object.freeze({ heldMessagesMax: 4_096, heldBytesMax: 67_108_864 })

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function resolveFaultOptions(options?: FaultOptions): ResolvedFaultOptions {
  const known = [...Object.keys(NO_FAULTS), ...Object.keys(FIXED), 'seed', 'system']
  const { seed, system: given, heldMessagesMax, heldBytesMax, ...settings } = looseOptions(options, 'options', known)
  const system = systemOption(orDefault(given, runtimeSystem))
  return Object.freeze({
    settings: resolveFaultSettings(settings, NO_FAULTS),
    seed: integerIn('seed', orDefault(seed, Math.floor(system.random() * (SEED_MAX + 1))), 0, SEED_MAX),
    system,
    heldMessagesMax: integerIn('heldMessagesMax', orDefault(heldMessagesMax, FIXED.heldMessagesMax), 1, 1_048_576),
    heldBytesMax: integerIn('heldBytesMax', orDefault(heldBytesMax, FIXED.heldBytesMax), 1, 1_073_741_824),
  })
}

/**
 * Checks settings and fills in what was left out.
 *
 * @param former - what stays where nothing is said
 * @throws {InvalidOptionError} a setting is unknown or out of range
 */
export function resolveFaultSettings(settings: unknown, former: ResolvedFaultSettings): ResolvedFaultSettings {
  const loose: Record<string, unknown> = { ...former }
  for (const [name, value] of Object.entries(looseOptions(settings, 'options', Object.keys(NO_FAULTS)))) {
    if (value !== undefined) loose[name] = value
  }
  return Object.freeze({
    lossChance: numberIn('lossChance', loose['lossChance'], 0, 1),
    duplicateChance: numberIn('duplicateChance', loose['duplicateChance'], 0, 1),
    delayMs: delayOption('delayMs', loose['delayMs']),
    reorderChance: numberIn('reorderChance', loose['reorderChance'], 0, 1),
    reorderMsMax: numberIn('reorderMsMax', loose['reorderMsMax'], 1, DELAY_MS_MAX),
    corruptChance: numberIn('corruptChance', loose['corruptChance'], 0, 1),
    corruption: corruptionOption(loose['corruption']),
    isCut: cutOption(loose['isCut']),
  })
}

function corruptionOption(value: unknown): Corruption {
  if (value !== 'shape' && value !== 'any') throw new InvalidOptionError('corruption', "'shape' or 'any'", value)
  return value
}

function cutOption(value: unknown): ResolvedFaultSettings['isCut'] {
  if (typeof value !== 'function') throw new InvalidOptionError('isCut', 'a function', value)
  return value as ResolvedFaultSettings['isCut']
}

function systemOption(value: unknown): System {
  const { startTimer, random } = Object(value) as Partial<System>
  if (typeof startTimer === 'function' && typeof random === 'function') return value as System
  throw new InvalidOptionError('system', 'an object with methods startTimer and random', value)
}
