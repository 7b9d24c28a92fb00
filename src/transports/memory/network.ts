/**
 * A network inside one process: transports that reach each other by address. There is no global one, so that tests
 * and simulations that run side by side cannot hear each other.
 */

import { InvalidOptionError, type System } from '../../core/index.ts'
import { type MemoryNetworkOptions, resolveMemoryNetworkOptions } from './options.ts'
import { PipeTable } from './pipe-table.ts'
import { type Traffic, TrafficMeter } from './traffic.ts'
import { MemoryTransport } from './transport.ts'

/** Makes transports that move messages to each other in memory, encoded, limited and counted as on a real wire. */
export class MemoryNetwork {
  readonly #options: ReturnType<typeof resolveMemoryNetworkOptions>
  readonly #listening = new Map<string, MemoryTransport>()
  readonly #pipes = new PipeTable()
  readonly #total = new TrafficMeter()
  #lastNumber = 0

  /** @throws {InvalidOptionError} an option is unknown or out of range */
  constructor(options?: MemoryNetworkOptions) {
    this.#options = resolveMemoryNetworkOptions(options)
  }

  /** What all transports of this network sent and received, closed ones included. */
  get traffic(): Traffic {
    return this.#total
  }

  /**
   * Makes a transport; others reach it once it listens. Several may have one address, but only one at a time may
   * listen there: that is how a node restarts in the same place.
   *
   * @param address - any non-empty string; left out, the next free one of `memory:1`, `memory:2`, …
   * @param own - `system`: time and timers of its sessions, where nodes of a simulator have a time of their own
   * @throws {InvalidOptionError} the address is empty or not a string
   */
  transport(address: string = this.#nextAddress(), own: { readonly system?: System } = {}): MemoryTransport {
    if (typeof address !== 'string' || address === '')
      throw new InvalidOptionError('address', 'a non-empty string', address)
    const shared = { listening: this.#listening, pipes: this.#pipes, total: this.#total }
    return new MemoryTransport(address, { ...this.#options, ...own, ...shared })
  }

  /**
   * Breaks every session between two addresses, and what is about to be one: both ends feel it at once, and what was under
   * way is lost. Either may dial again.
   *
   * @returns how many connections there were
   */
  breakSessions(a: string, b: string): number {
    return this.#pipes.breakBetween(a, b)
  }

  /**
   * Ends the transport that listens at an address as the end of its process would: without a word, and with all that was
   * under way from it. Nothing happens when nobody listens there. Close it too, for its timers.
   *
   * @param isSilent - as where a machine lost power: its peers find out by its silence alone. Default: they are told, as
   *   an operating system tells of a process that ended
   */
  crash(address: string, isSilent: boolean = false): void {
    this.#listening.get(address)?.crash(isSilent)
  }

  #nextAddress(): string {
    do this.#lastNumber++
    while (this.#listening.has(`memory:${this.#lastNumber}`))
    return `memory:${this.#lastNumber}`
  }
}
