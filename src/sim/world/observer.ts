/** What a world tells while it runs: to checkers, to meters, to a trace of one's own. */

import type { EngineEvent, OutMessage } from '../../core/index.ts'
import type { Arrival } from '../process/index.ts'
import type { Machine } from './machine.ts'

/** A disturbance, and whom it touches; no machines: all. */
export interface Disturbance {
  readonly what: string
  readonly machines: readonly string[]
}

/** Why a process ended. */
export type EndCause = 'crash' | 'leave'

/** All optional. Called after the state they speak of; `at` is world time. */
export interface Observer {
  /** A process has started; its first round is still to come. */
  onStart?(machine: Machine, at: number): void
  /** A process has ended. */
  onEnd?(machine: Machine, cause: EndCause, at: number): void
  /** Own keys were written, or the process began another life. */
  onWrite?(machine: Machine, at: number): void
  /** A process has taken an input in; `arrival` is undefined for the passing of time and for own writes. */
  onInput?(machine: Machine, arrival: Arrival | undefined, at: number): void
  /** What a process told, in order, after an input. */
  onEvents?(machine: Machine, events: readonly EngineEvent[], at: number): void
  /** A message was handed to the network; `bytes` is 0 where sizes are not measured. */
  onSend?(machine: Machine, message: OutMessage, bytes: number, at: number): void
  /** The next input of this machine is a damaged message. */
  onDamaged?(machine: Machine, at: number): void
  /** Something was disturbed, or is no more. */
  onDisturbance?(disturbance: Disturbance, at: number): void
}
