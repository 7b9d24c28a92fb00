/**
 * The event emitter of nodes and transports, whose listeners cannot harm: each runs guarded, so that one that throws or
 * rejects keeps neither the others nor the emitter from going on. What it threw is reported like any other failure.
 */

import { EventEmitter } from 'eventemitter3'
import { ListenerError } from './errors.ts'

type Listener = (...parameters: never[]) => void
type Guarded = (...parameters: unknown[]) => void

/** Typed by a map from event names to listener signatures. */
export class SafeEmitter<Events extends { [E in keyof Events]: Listener }> {
  readonly #emitter = new EventEmitter()
  /** A listener's guarded form, by event, so that `off` finds it. */
  readonly #guarded = new Map<keyof Events, WeakMap<Listener, Guarded>>()
  readonly #report: (error: ListenerError) => void

  /** @param report - told when a listener throws */
  constructor(report: (error: ListenerError) => void) {
    this.#report = report
  }

  on<E extends keyof Events & string>(event: E, listener: Events[E]): this {
    this.#emitter.on(event, this.#guard(event, listener))
    return this
  }

  once<E extends keyof Events & string>(event: E, listener: Events[E]): this {
    this.#emitter.once(event, this.#guard(event, listener))
    return this
  }

  off<E extends keyof Events & string>(event: E, listener: Events[E]): this {
    const guarded = this.#guarded.get(event)?.get(listener)
    if (guarded !== undefined) this.#emitter.off(event, guarded)
    this.#guarded.get(event)?.delete(listener)
    return this
  }

  listenerCount(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event)
  }

  /** Calls all listeners of an event, in the order they came; returns whether there were any. */
  emit<E extends keyof Events & string>(event: E, ...parameters: Parameters<Events[E]>): boolean {
    return this.#emitter.emit(event, ...(parameters as unknown[]))
  }

  /** Of one event, or of all. */
  removeAllListeners(event?: keyof Events & string): void {
    this.#emitter.removeAllListeners(event)
    if (event === undefined) this.#guarded.clear()
    else this.#guarded.delete(event)
  }

  #guard<E extends keyof Events & string>(event: E, listener: Events[E]): Guarded {
    const ofEvent = this.#guarded.get(event) ?? new WeakMap<Listener, Guarded>()
    this.#guarded.set(event, ofEvent)
    const present = ofEvent.get(listener)
    if (present !== undefined) return present
    const fail = (cause: unknown): void => this.#report(new ListenerError(event, cause))
    const guarded: Guarded = (...parameters) => {
      try {
        const result: unknown = listener(...(parameters as never[]))
        // An asynchronous listener throws later; unheard, that would end the process.
        if (result instanceof Promise) result.catch(fail)
      } catch (cause) {
        fail(cause)
      }
    }
    ofEvent.set(listener, guarded)
    return guarded
  }
}
