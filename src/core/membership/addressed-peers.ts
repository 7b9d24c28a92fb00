/** The peers of some kinds whose address is known, counted at once and found by their place among them. */

import type { JsonValue } from '../json/index.ts'
import type { PeerRef } from '../ports.ts'
import type { PeerTable } from './peer-table.ts'
import { ADDRESSED_FLAG, KIND_BITS } from './row-state.ts'
import type { Pickable } from './targets.ts'

/** A view of the table, valid until it changes. */
export class AddressedPeers implements Pickable {
  readonly length: number
  readonly #table: PeerTable
  /** One bit per kind. */
  readonly #kinds: number

  constructor(table: PeerTable, kinds: readonly number[]) {
    this.#table = table
    this.#kinds = kinds.reduce((bits, kind) => bits | (1 << kind), 0)
    this.length = table.count(kinds, ADDRESSED_FLAG)
  }

  /** The peer at a place, in the order of ids. O(rows). */
  at(index: number): PeerRef | undefined {
    const { states, ids } = this.#table
    let place = 0
    for (let row = 0; row < states.length; row++) {
      if (!this.#has(row) || place++ < index) continue
      return { id: ids[row] as string, transport: this.#table.transportOf(row) as JsonValue }
    }
    return undefined
  }

  /** All of them. O(rows). */
  toArray(): PeerRef[] {
    const { ids, states } = this.#table
    const peers: PeerRef[] = []
    for (let row = 0; row < states.length; row++) {
      if (this.#has(row)) peers.push({ id: ids[row] as string, transport: this.#table.transportOf(row) as JsonValue })
    }
    return peers
  }

  #has(row: number): boolean {
    const state = this.#table.states[row] as number
    return (state & ADDRESSED_FLAG) !== 0 && (this.#kinds & (1 << (state & KIND_BITS))) !== 0
  }
}
