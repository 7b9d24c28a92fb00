/**
 * The connections that others opened, counted in all and by address. A newcomer at a limit replaces the oldest that has
 * said nothing, so that silent connections keep nobody out; if all have spoken there is no room.
 */

import type { ListenerOptions } from './options.ts'

/** A connection as far as guests are concerned. */
export interface Guest {
  /** Whether it has said anything that could be read. */
  readonly hasSpoken: boolean
  destroy(): void
}

/** The limits that guests are held to. */
export type GuestLimits = Pick<ListenerOptions, 'inboundConnectionsMax' | 'inboundConnectionsPerAddressMax'>

/** Everybody who was let in, in the order they came. */
export class Guests {
  readonly #limits: GuestLimits
  readonly #onReplaced: (problem: string, peer: unknown) => void
  readonly #clients = new Map<Guest, string>()
  readonly #counts = new Map<string, number>()

  /** @param onReplaced - told of every connection that had to give way */
  constructor(limits: GuestLimits, onReplaced: (problem: string, peer: unknown) => void) {
    this.#limits = limits
    this.#onReplaced = onReplaced
  }

  /** Lets a connection of a client in. */
  add(guest: Guest, client: string): void {
    this.#clients.set(guest, client)
    this.#counts.set(client, this.#countOf(client) + 1)
  }

  /** A connection has gone; unknown ones are none of ours. */
  delete(guest: Guest): void {
    const client = this.#clients.get(guest)
    if (client === undefined) return
    this.#clients.delete(guest)
    const count = this.#countOf(client) - 1
    if (count > 0) this.#counts.set(client, count)
    else this.#counts.delete(client)
  }

  /**
   * Makes room for one more of a client's. O(connections) at a limit.
   *
   * @returns why there is none, or undefined if there is
   */
  makeRoom(client: string): string | undefined {
    const { inboundConnectionsMax, inboundConnectionsPerAddressMax } = this.#limits
    if (this.#countOf(client) >= inboundConnectionsPerAddressMax && !this.#replaceSilent(client)) {
      return `inboundConnectionsPerAddressMax is ${inboundConnectionsPerAddressMax}`
    }
    if (this.#clients.size < inboundConnectionsMax || this.#replaceSilent(undefined)) return undefined
    return `inboundConnectionsMax is ${inboundConnectionsMax}`
  }

  #countOf(client: string): number {
    return this.#counts.get(client) ?? 0
  }

  #replaceSilent(of: string | undefined): boolean {
    for (const [guest, client] of this.#clients) {
      if (guest.hasSpoken || (of !== undefined && client !== of)) continue
      // It is off the books at once; its socket is gone a turn later.
      this.delete(guest)
      guest.destroy()
      this.#onReplaced('a connection that had said nothing gave way to another', { transport: { host: client } })
      return true
    }
    return false
  }
}
