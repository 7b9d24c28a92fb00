/**
 * The event emitter that transports are made from: the safe emitter of the core with the contract's own events, and a
 * last place for what a listener threw. What nobody hears of is thrown from the event loop, where no state of ours is
 * half-way.
 */

import { type ListenerError, SafeEmitter, type TransportEvents } from '../core/index.ts'

/** How a transport tells. */
export interface TransportEmitterOptions {
  /**
   * Whether an `error` that nobody listens to is thrown from the event loop: right for a transport that is used
   * without a node. @defaultValue false
   */
  readonly throwsUnheardErrors?: boolean
}

/**
 * The class to extend. Listeners run synchronously, in the order they were added. What one throws, or what its promise
 * fails with, keeps nobody from going on and is told as an `error` of code `GOSSIP_LISTENER_THREW`.
 */
export class TransportEmitter {
  readonly #emitter = new SafeEmitter<TransportEvents>((error) => this.#tellThrown(error))
  readonly #throwsUnheardErrors: boolean

  constructor(options: TransportEmitterOptions = {}) {
    this.#throwsUnheardErrors = options.throwsUnheardErrors === true
  }

  on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    this.#emitter.on(event, listener)
    return this
  }

  once<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    this.#emitter.once(event, listener)
    return this
  }

  off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  /** The same as `off`, under the name that Node's `events.once` calls. */
  removeListener<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    return this.off(event, listener)
  }

  /** Calls all listeners of an event; returns whether there were any. */
  emit<E extends keyof TransportEvents>(event: E, ...facts: Parameters<TransportEvents[E]>): boolean {
    const isHeard = this.#emitter.emit(event, ...facts)
    if (!isHeard && event === 'error' && this.#throwsUnheardErrors) throwLater(facts[0])
    return isHeard
  }

  listenerCount(event: keyof TransportEvents): number {
    return this.#emitter.listenerCount(event)
  }

  /** Of one event, or of all. */
  removeAllListeners(event?: keyof TransportEvents): this {
    this.#emitter.removeAllListeners(event)
    return this
  }

  /** A listener's mistake is never silent: a failed assertion in a test would pass unseen. */
  #tellThrown(error: ListenerError): void {
    const isTold = error.event !== 'error' && this.#emitter.emit('error', error)
    if (!isTold) throwLater(error)
  }
}

function throwLater(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
