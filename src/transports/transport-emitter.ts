/**
 * The event emitter that transports are made from. It is eventemitter3 with the contract's own signatures: the types
 * of that package can only be compared with the contract event by event, so a class could not be checked against it.
 */

import { EventEmitter } from 'eventemitter3'
import type { TransportEvents } from '../core/index.ts'

/** Registers listeners and calls them, synchronously and in order. */
export interface TransportEmitter {
  on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this
  once<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this
  off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this
  /** @returns whether anybody listened */
  emit<E extends keyof TransportEvents>(event: E, ...args: Parameters<TransportEvents[E]>): boolean
  listenerCount(event: keyof TransportEvents): number
  removeAllListeners(event?: keyof TransportEvents): this
}

/** The class to extend. */
export const TransportEmitter: new () => TransportEmitter = EventEmitter
