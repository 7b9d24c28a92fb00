/** The options of a memory network: what they mean and what is refused. */

import { InvalidOptionError, integerIn, looseOptions, orDefault, runtimeSystem, type System } from '../../core/index.ts'
import { type ResolvedSessionOptions, resolveSessionOptions, type SessionOptions } from '../session/index.ts'

/** From which address to which something goes. */
export interface MemoryWay {
  readonly from: string
  readonly to: string
}

/** What a user may say about a memory network. */
export interface MemoryNetworkOptions {
  /** Largest payload of a message, in bytes of its JSON text. @defaultValue 4_194_304 */
  maxMessageBytes?: number
  /**
   * Bytes that one transport may have under way, all its receivers together. What does not fit is dropped with an
   * error, unless nothing else is under way. @defaultValue 67_108_864
   */
  inFlightBytesMax?: number
  /**
   * Says when something arrives, by calling `deliver` then; further calls do nothing. A simulator passes its own clock's,
   * and holds back what goes where a way is cut: bytes of a session stay in order, whenever they are let go. Without a way
   * it is a step of one side by itself. @defaultValue queueMicrotask
   */
  schedule?: (deliver: () => void, way?: MemoryWay) => void
  /** Time and timers of sessions; a simulator passes its own. @defaultValue the runtime's */
  system?: System
  /** Limits and times of sessions. */
  session?: SessionOptions
}

/** Options with every field filled. */
export interface ResolvedMemoryNetworkOptions extends Readonly<Required<Omit<MemoryNetworkOptions, 'session'>>> {
  readonly session: ResolvedSessionOptions
  /** The same as `schedule` where that was given; else each step has a turn of the event loop of its own. */
  readonly scheduleBulk: (step: () => void) => void
}

const DEFAULTS: Readonly<Required<Omit<MemoryNetworkOptions, 'session' | 'system'>>> = Object.freeze({
  maxMessageBytes: 4_194_304,
  inFlightBytesMax: 67_108_864,
  schedule: (deliver: () => void) => queueMicrotask(deliver),
})

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function resolveMemoryNetworkOptions(options?: MemoryNetworkOptions): ResolvedMemoryNetworkOptions {
  const loose: MemoryNetworkOptions & typeof DEFAULTS = {
    ...DEFAULTS,
    ...looseOptions(options, 'options', [...Object.keys(DEFAULTS), 'session', 'system']),
  }
  return Object.freeze({
    maxMessageBytes: integerIn('maxMessageBytes', loose.maxMessageBytes, 1, 1_073_741_824),
    inFlightBytesMax: integerIn('inFlightBytesMax', loose.inFlightBytesMax, 1, 1_073_741_824),
    schedule: functionOption('schedule', loose.schedule),
    scheduleBulk: loose.schedule === DEFAULTS.schedule ? inTurn : loose.schedule,
    system: systemOption(orDefault(loose.system, runtimeSystem)),
    session: resolveSessionOptions(options?.session, 'options.session'),
  })
}

function systemOption(value: unknown): System {
  const { now, startTimer } = Object(value) as Partial<System>
  if (typeof now === 'function' && typeof startTimer === 'function') return value as System
  throw new InvalidOptionError('system', 'an object with methods now and startTimer', value)
}

/** A transfer may have many steps, and microtasks would let nobody else act before its end. */
function inTurn(step: () => void): void {
  setTimeout(step, 0)
}

function functionOption(name: string, value: unknown): Required<MemoryNetworkOptions>['schedule'] {
  if (typeof value !== 'function') throw new InvalidOptionError(name, 'a function', value)
  return value as Required<MemoryNetworkOptions>['schedule']
}
