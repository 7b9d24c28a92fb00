/**
 * What bundlers put in the place of this folder for browsers (see the field `browser` of package.json). Old peers speak
 * over TCP only, so a page never meets one: it needs no more than to refuse them, and to answer nodes of ours that ask.
 */

import type { Engine, OutMessage } from '../engine/index.ts'
import { InvalidOptionError } from '../errors.ts'
import type { JsonValue } from '../json/index.ts'
import type { SenderRef } from '../ports.ts'
import { FlatGreetings } from './flat-greetings.ts'
import { areFlatDeltas, digestForm } from './old-shapes.ts'
import type { OldDialectOptions } from './options.ts'
import { refusal } from './refusal.ts'

/**
 * Refuses old peers as the whole module does where they are not accepted.
 *
 * @throws {InvalidOptionError} the constructor, where they are
 */
export class OldDialect {
  readonly #engine: Engine
  readonly #greetings: FlatGreetings

  constructor(engine: Engine, options: OldDialectOptions) {
    if (options.isAccepted) throw new InvalidOptionError('acceptOldPeers', 'false in a browser', true)
    this.#engine = engine
    this.#greetings = new FlatGreetings(engine, options)
  }

  /** Refuses a digest in the old dialect, answers one written for it; false leaves it to the engine. */
  receiveDigest(remote: SenderRef, digest: JsonValue, now: number): boolean {
    const form = digestForm(digest, remote.id)
    if (form === 'engine' || form === 'unknown') return false
    this.#engine.guard(() => {
      if (form === 'old') throw refusal(remote)
      this.#greetings.receive(remote, digest, now)
    })
    return true
  }

  /** Refuses deltas in the old dialect; false leaves them to the engine. */
  receiveDeltas(remote: SenderRef, deltas: JsonValue): boolean {
    if (!areFlatDeltas(deltas)) return false
    this.#engine.guard(() => {
      throw refusal(remote)
    })
    return true
  }

  /** A message of the engine as it is; none to a peer that others know as old. */
  translate(message: OutMessage): readonly OutMessage[] {
    const { to } = message
    if (this.#greetings.takeOwed(to)) return [message]
    return to.id !== undefined && this.#engine.peer(to.id)?.isOld === true ? [] : [message]
  }
}
