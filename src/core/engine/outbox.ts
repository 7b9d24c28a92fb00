/**
 * What one input leaves behind: messages to send and events to tell, in order. Emptied by the driver after each input. A
 * map that was read for the first time may have a million keys: what is told of them is made when it is taken.
 */

import type { Change } from '../state/index.ts'
import type { EngineEvent, OutMessage } from './events.ts'

/** Changes of one peer's keys, of which some may have been taken. */
interface ChangedKeys {
  readonly type: 'changed keys'
  readonly peerId: string
  rest: Iterator<Change>
}

/** Two queues. Their length is bounded by what one input can cause: it is drained before the next. */
export class Outbox {
  #messages: OutMessage[] = []
  #events: (EngineEvent | ChangedKeys)[] = []
  /** Of events, how many have been taken from the front. */
  #taken = 0
  /** Those of them that may still read a map. */
  #reading: ChangedKeys[] = []

  send(message: OutMessage): void {
    this.#messages.push(message)
  }

  tell(event: EngineEvent): void {
    this.#events.push(event)
  }

  /** Tells an `update` or a `delete` of every change. They are read when they are taken, or by {@link keep}. */
  tellChanges(peerId: string, changes: Iterable<Change>): void {
    const changed: ChangedKeys = { type: 'changed keys', peerId, rest: changes[Symbol.iterator]() }
    this.#events.push(changed)
    this.#reading.push(changed)
  }

  /** Maps are about to change: what is still to be told of them is read now. */
  keep(): void {
    if (this.#reading.length === 0) return
    for (const changed of this.#reading) changed.rest = remaining(changed.rest)
    this.#reading = []
  }

  /** Takes all messages out, in order. */
  takeMessages(): readonly OutMessage[] {
    const taken = this.#messages
    if (taken.length > 0) this.#messages = []
    return taken
  }

  /** Takes up to so many events out, in order. */
  takeEvents(countMax: number): readonly EngineEvent[] {
    const taken: EngineEvent[] = []
    while (taken.length < countMax && this.#taken < this.#events.length) {
      const event = this.#events[this.#taken] as EngineEvent | ChangedKeys
      const next = event.type === 'changed keys' ? nextOf(event) : event
      if (next !== undefined) taken.push(next)
      if (next === undefined || next === event) this.#taken++
    }
    if (this.#taken === this.#events.length && this.#taken > 0) {
      this.#events = []
      this.#reading = []
      this.#taken = 0
    }
    return taken
  }
}

function nextOf({ peerId, rest }: ChangedKeys): EngineEvent | undefined {
  const { done, value: change } = rest.next()
  if (done === true) return undefined
  const { key } = change
  return 'isDeletion' in change ? { type: 'delete', peerId, key } : { type: 'update', peerId, key, value: change.value }
}

function remaining(rest: Iterator<Change>): Iterator<Change> {
  const changes: Change[] = []
  for (let next = rest.next(); next.done !== true; next = rest.next()) changes.push(next.value)
  return changes[Symbol.iterator]()
}
