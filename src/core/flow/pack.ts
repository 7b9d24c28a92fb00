/**
 * Packs deltas into one message within a budget. A group is cut only at the end of its version order, so that what
 * arrives is always a prefix; what is too large for any message stops its own group and nobody else's.
 */

import { jsonBytes, numberBytes, stringBytes } from '../json/index.ts'
import { type Entry, toWireEntry, type WireEntry, type WireGroup } from '../state/index.ts'
import { type Candidate, inOrder, type Order } from './order.ts'
import { entryBytes, wireGroup } from './wire-group.ts'

/** What one message may take. */
export interface PackBudget {
  /** Bytes of its JSON. */
  readonly bytesMax: number
  /** Entries, all groups together. */
  readonly deltasMax: number
}

/** A message's groups and what did not fit. */
export interface Packed {
  readonly groups: readonly WireGroup[]
  /** Bytes of the groups as a JSON array. */
  readonly bytes: number
  /** Peers whose next entry exceeds a whole message. */
  readonly oversize: readonly string[]
  /** Those of whom something is left to say, in the order in which they are served. */
  readonly unfinished: readonly Candidate[]
}

/** Packs as much as the budget allows. O(what is sent + candidates · log candidates). */
export function pack(
  candidates: readonly Candidate[],
  budget: PackBudget,
  order: Order,
  random: () => number,
  now: number,
): Packed {
  const message = new Message(budget, now)
  const drafts = inOrder(candidates, order, random).map((candidate) => new Draft(candidate, now))
  if (order === 'scuttle-breadth') fillByRank(drafts, message)
  else fillOneByOne(drafts, message)
  return message.finish(drafts)
}

function fillOneByOne(drafts: readonly Draft[], message: Message): void {
  for (const draft of drafts) {
    let isOpen = true
    while (isOpen) isOpen = message.add(draft)
  }
}

function fillByRank(drafts: readonly Draft[], message: Message): void {
  let open = drafts
  while (open.length > 0) open = open.filter((draft) => message.add(draft))
}

/** A group in the making. */
class Draft {
  readonly candidate: Candidate
  readonly entries: WireEntry[] = []
  readonly headBytes: number
  bytes = 0
  isCut = false
  isOversize = false
  isOpened = false
  #lastVersion = 0
  readonly #now: number
  readonly #waiting: Iterator<Entry, undefined>

  constructor(candidate: Candidate, now: number) {
    this.candidate = candidate
    this.#waiting = candidate.map.entriesAfter(candidate.from)
    this.#now = now
    this.headBytes = headBytes(candidate)
  }

  poll(): Entry | undefined {
    return this.#waiting.next().value
  }

  push(entry: Entry, bytes: number): void {
    this.entries.push(toWireEntry(entry, this.#now))
    this.bytes += bytes
    this.#lastVersion = entry.version
  }

  /** The last version vouched for: everything I hold, unless the budget cut in between. */
  get maxVersion(): number {
    return this.isCut ? this.#lastVersion : this.candidate.map.maxVersionSeen
  }

  /** Whether a receiver can use it: it says something, and reaches as far as he needs. */
  get isUseful(): boolean {
    return (this.entries.length > 0 || !this.isCut) && this.maxVersion >= this.candidate.maxVersionMin
  }

  toGroup(): WireGroup {
    return wireGroup(this.candidate, this.maxVersion, this.entries)
  }
}

/** The message in the making: counts what is written. */
class Message {
  readonly #budget: PackBudget
  readonly #now: number
  #bytes = 2
  #count = 0

  constructor(budget: PackBudget, now: number) {
    this.#budget = budget
    this.#now = now
  }

  /** Adds a draft's next entry; false once it is complete or the budget cut it. */
  add(draft: Draft): boolean {
    if (!draft.isOpened && !this.#open(draft)) return false
    const entry = draft.poll()
    if (entry === undefined) return false
    const bytes = entryBytes(entry, this.#now) + 1
    const hasRoom = this.#bytes + bytes <= this.#budget.bytesMax && this.#count < this.#budget.deltasMax
    if (!hasRoom) {
      draft.isCut = true
      draft.isOversize = draft.entries.length === 0 && draft.headBytes + bytes + 2 > this.#budget.bytesMax
      if (!draft.isUseful) this.#withdraw(draft)
      return false
    }
    this.#bytes += bytes
    this.#count++
    draft.push(entry, bytes)
    return true
  }

  finish(drafts: readonly Draft[]): Packed {
    const groups = drafts.filter((draft) => draft.isOpened).map((draft) => draft.toGroup())
    const oversize = drafts.filter((draft) => draft.isOversize).map((draft) => draft.candidate.map.id)
    const unfinished = drafts.filter((draft) => draft.isCut || !draft.isOpened).map((draft) => draft.candidate)
    return { groups, bytes: this.#bytes, oversize, unfinished }
  }

  #open(draft: Draft): boolean {
    if (this.#bytes + draft.headBytes > this.#budget.bytesMax) return false
    draft.isOpened = true
    this.#bytes += draft.headBytes
    return true
  }

  /** Gives its room to the drafts that follow. */
  #withdraw(draft: Draft): void {
    draft.isOpened = false
    this.#bytes -= draft.headBytes + draft.bytes
    this.#count -= draft.entries.length
  }
}

/** Bytes of the names, colons, commas and brackets of a group, and of the comma behind it. */
const FRAME_BYTES = '{"id":,"generation":,"from":,"gcVersion":,"maxVersion":,"top":,"entries":[]},'.length
const TRANSPORT_BYTES = ',"transport":'.length
const OLD_BYTES = ',"old":true'.length

/** `top` has at least as many digits as any maxVersion the group can end at. */
function headBytes({ map, from, transport, isOld }: Candidate): number {
  const numbers =
    numberBytes(map.generation) + numberBytes(from) + numberBytes(map.gcVersion) + 2 * numberBytes(map.top)
  const options =
    (transport === undefined ? 0 : TRANSPORT_BYTES + jsonBytes(transport)) + (isOld === true ? OLD_BYTES : 0)
  return FRAME_BYTES + stringBytes(map.id) + numbers + options
}
