/** What one input leaves behind: messages to send and events to tell, in order. Emptied by the driver after each input. */

import type { EngineEvent, OutMessage } from './events.ts'

/** Two queues. Their length is bounded by what one input can cause: it is drained before the next. */
export class Outbox {
  #messages: OutMessage[] = []
  #events: EngineEvent[] = []

  send(message: OutMessage): void {
    this.#messages.push(message)
  }

  tell(event: EngineEvent): void {
    this.#events.push(event)
  }

  /** Takes all messages out, in order. */
  takeMessages(): readonly OutMessage[] {
    const taken = this.#messages
    if (taken.length > 0) this.#messages = []
    return taken
  }

  /** Takes all events out, in order. */
  takeEvents(): readonly EngineEvent[] {
    const taken = this.#events
    if (taken.length > 0) this.#events = []
    return taken
  }
}
