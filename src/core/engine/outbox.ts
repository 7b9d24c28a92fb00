/**
 * What one input leaves behind: messages to send and events to tell, in order. Emptied by the driver after each input. A
 * map that was read for the first time may have changed in a million keys: what is told of them is made when it is taken.
 */

import type { Change } from '../state/index.ts'
import type { EngineEvent, OutMessage } from './events.ts'

/** Changes of one peer's keys, of which some may have been taken. */
interface ChangedKeys {
  readonly type: 'changed keys'
  readonly peerId: string
  readonly changes: readonly Change[]
  next: number
}

/** Two queues. Their length is bounded by what one input can cause: it is drained before the next. */
export class Outbox {
  #messages: OutMessage[] = []
  #events: (EngineEvent | ChangedKeys)[] = []
  /** Of events, how many have been taken from the front. */
  #taken = 0

  send(message: OutMessage): void {
    this.#messages.push(message)
  }

  tell(event: EngineEvent): void {
    this.#events.push(event)
  }

  /** Tells an `update` or a `delete` of every change. */
  tellChanges(peerId: string, changes: readonly Change[]): void {
    if (changes.length > 0) this.#events.push({ type: 'changed keys', peerId, changes, next: 0 })
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
      if (event.type !== 'changed keys') taken.push(event)
      else if (takeChange(event, taken)) continue
      this.#taken++
    }
    if (this.#taken === this.#events.length && this.#taken > 0) {
      this.#events = []
      this.#taken = 0
    }
    return taken
  }
}

/** @returns whether there are more of them */
function takeChange(event: ChangedKeys, taken: EngineEvent[]): boolean {
  const { peerId, changes } = event
  const change = changes[event.next++] as Change
  const { key } = change
  taken.push(
    'isDeletion' in change ? { type: 'delete', peerId, key } : { type: 'update', peerId, key, value: change.value },
  )
  return event.next < changes.length
}
