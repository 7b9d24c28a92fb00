/**
 * Tells listeners without being harmed by them: one that throws is reported and the others still run, and trouble that
 * nobody listens to is thrown where no state of ours can be half-way.
 */

import type { EventEmitter } from 'eventemitter3'
import { ListenerError, type TransportEvents } from '../core/index.ts'
import { TransportEmitter } from './transport-emitter.ts'

/** An event emitter for a transport that is driven by the network. */
export class IsolatingEmitter extends TransportEmitter {
  /**
   * Tells an event. Listeners run synchronously, in the order they were added; what they throw becomes an `error`
   * event.
   */
  protected tell<E extends Exclude<keyof TransportEvents, 'error'>>(
    event: E,
    ...facts: Parameters<TransportEvents[E]>
  ): void {
    if (this.listenerCount(event) <= 1) {
      this.isolated(event, () => this.emit(event, ...facts))
      return
    }
    const emitter = this as unknown as EventEmitter
    for (const listener of emitter.listeners(event)) {
      // Only what was added by `once` goes; `listeners` does not say which those are.
      emitter.off(event, listener, undefined, true)
      this.isolated(event, () => listener.apply(this, facts))
    }
  }

  /** Tells trouble. Without a listener, or when one throws, it is thrown where nobody is called. */
  protected tellError(error: Error): void {
    if (this.listenerCount('error') === 0) {
      throwLater(error)
      return
    }
    try {
      this.emit('error', error)
    } catch (thrown) {
      throwLater(thrown)
    }
  }

  /** Calls the embedder's code; what it throws becomes an `error` event. */
  protected isolated(event: string, call: () => void): void {
    try {
      call()
    } catch (cause) {
      this.tellError(new ListenerError(event, cause))
    }
  }
}

function throwLater(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
