/**
 * The connections that others opened, all together and by address. Both numbers are bounded: a newcomer takes the place
 * of the oldest that has said nothing, then of the oldest that did not introduce itself; where all have, it is refused.
 * So neither silence nor noise keeps anybody out, and one address cannot take all places.
 */

import type { Connection } from './connection.ts'

/** Bounds of the table. */
export interface InboundLimits {
  readonly inboundConnectionsMax: number
  readonly inboundConnectionsPerAddressMax: number
}

/** Which bound was reached. */
export type InboundBound = keyof InboundLimits

/** Who is connected. Finding a place is O(connections of one address) at most. */
export class InboundTable {
  /** Every connection that was accepted and is not gone. */
  readonly all: Set<Connection> = new Set()

  readonly #limits: InboundLimits
  readonly #onFull: (bound: InboundBound) => void
  /** Those without a readable message, oldest first. */
  readonly #silent = new Set<Connection>()
  /** Those that spoke and did not say hello, in the order they began to speak. */
  readonly #strangers = new Set<Connection>()
  readonly #byGroup = new Map<string, Set<Connection>>()

  /** @param onFull - called whenever somebody has to give way or is refused */
  constructor(limits: InboundLimits, onFull: (bound: InboundBound) => void) {
    this.#limits = limits
    this.#onFull = onFull
  }

  /** Whether there is room for one more from an address; room is made if somebody can be spared. */
  hasRoom(group: string): boolean {
    const { inboundConnectionsMax, inboundConnectionsPerAddressMax } = this.#limits
    const same = this.#byGroup.get(group)
    if (same !== undefined && same.size >= inboundConnectionsPerAddressMax) {
      return this.#makeRoom('inboundConnectionsPerAddressMax', spare(same))
    }
    if (this.all.size < inboundConnectionsMax) return true
    const [oldest] = this.#silent.size > 0 ? this.#silent : this.#strangers
    return this.#makeRoom('inboundConnectionsMax', oldest)
  }

  /** Puts a connection in. */
  add(connection: Connection, group: string): void {
    this.all.add(connection)
    this.#silent.add(connection)
    const same = this.#byGroup.get(group)
    if (same === undefined) this.#byGroup.set(group, new Set([connection]))
    else same.add(connection)
  }

  /** It said something that could be read. */
  noteSpoken(connection: Connection): void {
    if (this.#silent.delete(connection)) this.#strangers.add(connection)
  }

  /** Its hello was accepted. */
  noteHello(connection: Connection): void {
    this.#strangers.delete(connection)
  }

  /** Takes a connection out, if it is still in. */
  delete(connection: Connection): void {
    this.all.delete(connection)
    this.#silent.delete(connection)
    this.#strangers.delete(connection)
    const group = connection.group ?? ''
    const same = this.#byGroup.get(group)
    same?.delete(connection)
    if (same?.size === 0) this.#byGroup.delete(group)
  }

  #makeRoom(bound: InboundBound, spared: Connection | undefined): boolean {
    this.#onFull(bound)
    if (spared === undefined) return false
    spared.destroy()
    // It is off the books at once; its socket is gone a turn later.
    this.delete(spared)
    return true
  }
}

/** Who of one address gives way. */
function spare(same: ReadonlySet<Connection>): Connection | undefined {
  let stranger: Connection | undefined
  for (const connection of same) {
    if (connection.isHandedOver) continue
    if (!connection.hasSpoken) return connection
    if (!connection.isIntroduced) stranger ??= connection
  }
  return stranger
}
