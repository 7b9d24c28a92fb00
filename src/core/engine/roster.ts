/**
 * Everybody this node knows, living or retired, and itself: the table of peers together with the records of those that
 * were retired. An id is one or the other, and has one row.
 */

import {
  type ArrivalWindows,
  NO_ROW,
  Peer,
  PeerTable,
  REMOVED,
  type Removal,
  Removals,
  type RowFacts,
  SELF,
  UNPROVEN,
  VACANT,
} from '../membership/index.ts'
import type { DigestEntries } from '../reconcile/index.ts'

const NOTHING = { generation: 0, heartbeat: 0 }

/** Rows move while ids are reserved and when what became vacant is dropped, never in between. */
export class Roster {
  readonly table: PeerTable
  readonly removals: Removals
  readonly #ownId: string

  constructor(ownId: string, windows: ArrivalWindows, removalsMax: number) {
    this.#ownId = ownId
    this.table = new PeerTable(windows)
    this.removals = new Removals(removalsMax)
    this.table.reserve([ownId])
    this.table.setKind(this.ownRow, SELF)
  }

  /** Peers known, retired ones not counted. */
  get size(): number {
    return this.table.peers
  }

  /** Ids of peers, of removal records and of this node, ascending: what a digest lists. */
  get ids(): readonly string[] {
    return this.table.ids
  }

  /** The row of this node itself. */
  get ownRow(): number {
    return this.table.rowOf(this.#ownId)
  }

  get(id: string): Peer | undefined {
    return this.at(this.table.rowOf(id))
  }

  /** The peer of a row, if the row is one. */
  at(row: number): Peer | undefined {
    if (row === NO_ROW || this.table.kindOf(row) < UNPROVEN) return undefined
    return new Peer(this.table, this.ids[row] as string, row)
  }

  /** Peers in the order of ids. */
  peers(): Peer[] {
    return this.ids.flatMap((_, row) => this.at(row) ?? [])
  }

  /**
   * The rows of what a digest lists, in its order. Ids that have none get vacant ones, to be filled or dropped.
   *
   * @returns undefined where every entry stands at the row of its own index
   */
  locate(entries: Pick<DigestEntries, 'ids' | 'from' | 'to'>): Int32Array | undefined {
    const { ids, from, to } = entries
    if (ids === this.ids) return undefined
    const rows = new Int32Array(to - from)
    const unknown: string[] = []
    let next = 0
    let isInStep = ids.length === this.ids.length && to - from === ids.length
    for (let index = from; index < to; index++) {
      const row = this.table.rowOf(ids[index] as string, next)
      rows[index - from] = row
      if (row === NO_ROW) unknown.push(ids[index] as string)
      else next = row + 1
      if (row !== index) isInStep = false
    }
    if (unknown.length > 0) {
      this.table.reserve(unknown)
      return this.locate(entries)
    }
    if (!isInStep) return rows
    this.table.adoptIds(ids)
    return undefined
  }

  /** Takes a peer in; a removal record of its id is overcome. */
  add(id: string, facts: RowFacts): Peer {
    this.removals.delete(id)
    const row = this.#rowFor(id)
    this.table.create(row, facts)
    return new Peer(this.table, id, row)
  }

  /** Puts a removal record in a peer's place. False when a newer record is there already. */
  retire(record: Omit<Removal, 'idBytes'>): boolean {
    if (!this.removals.add(record)) return false
    this.table.clear(this.#rowFor(record.id), REMOVED, record)
    this.#vacateForgotten()
    return true
  }

  /** Forgets records of peers retired before a time. */
  expireRemovals(retiredBefore: number): void {
    for (const id of this.removals.expire(retiredBefore)) this.table.clear(this.table.rowOf(id), VACANT, NOTHING)
    this.settle()
  }

  /** Drops rows that are vacant. To be called once nobody walks along rows any more. */
  settle(): void {
    this.table.dropVacant()
  }

  #rowFor(id: string): number {
    const row = this.table.rowOf(id)
    if (row !== NO_ROW) return row
    this.table.reserve([id])
    return this.table.rowOf(id)
  }

  /** The bounded table may have dropped its oldest records to make room. */
  #vacateForgotten(): void {
    const { table, removals, ids } = this
    if (table.removed <= removals.size) return
    for (let row = 0; row < ids.length; row++) {
      const isForgotten = table.kindOf(row) === REMOVED && removals.get(ids[row] as string) === undefined
      if (isForgotten) table.clear(row, VACANT, NOTHING)
    }
  }
}
