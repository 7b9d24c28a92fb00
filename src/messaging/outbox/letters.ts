/** All letters of one outbox: found by peer and id, in order for each peer, and counted against the bounds. */

import { OutboxError } from './errors.ts'
import type { Letter } from './letter.ts'

/** How much there may be. */
export interface LetterLimits {
  readonly messagesMax: number
  readonly messagesPerPeerMax: number
  readonly bytesMax: number
  readonly bytesPerPeerMax: number
}

interface Shelf {
  /** In the order of their numbers. */
  readonly waiting: Map<string, Letter>
  readonly undeliverable: Map<string, Letter>
  bytes: number
}

/** The letters. */
export class Letters {
  readonly #limits: LetterLimits
  readonly #shelves = new Map<string, Shelf>()
  #count = 0
  #undeliverable = 0
  #bytes = 0

  constructor(limits: LetterLimits) {
    this.#limits = limits
  }

  /** Letters, the undeliverable ones included. */
  get count(): number {
    return this.#count
  }

  /** Letters that are kept and not tried any more. */
  get undeliverable(): number {
    return this.#undeliverable
  }

  /** What they count for. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whom letters are for. */
  get peers(): readonly string[] {
    return [...this.#shelves.keys()]
  }

  /** Those for one peer or for all: for each peer first what waits, in order. O(letters). */
  list(peer?: string): readonly Letter[] {
    const shelves = peer === undefined ? [...this.#shelves.values()] : [this.#shelves.get(peer)]
    return shelves.flatMap((shelf) => [...(shelf?.waiting.values() ?? []), ...(shelf?.undeliverable.values() ?? [])])
  }

  find(peer: string, id: string): Letter | undefined {
    const shelf = this.#shelves.get(peer)
    return shelf?.waiting.get(id) ?? shelf?.undeliverable.get(id)
  }

  has(letter: Letter): boolean {
    return this.find(letter.peer, letter.id) === letter
  }

  /** The next one for a peer. */
  next(peer: string): Letter | undefined {
    const [letter] = this.#shelves.get(peer)?.waiting.values() ?? []
    return letter
  }

  /**
   * Refuses a letter that does not fit.
   *
   * @throws {OutboxError} `GOSSIP_OUTBOX_FULL`
   */
  assertRoom(letter: Letter): void {
    const { messagesMax, messagesPerPeerMax, bytesMax, bytesPerPeerMax } = this.#limits
    const shelf = this.#shelves.get(letter.peer)
    const count = (shelf?.waiting.size ?? 0) + (shelf?.undeliverable.size ?? 0)
    const bounds: readonly [name: string, value: number, max: number][] = [
      ['messagesMax', this.#count + 1, messagesMax],
      ['messagesPerPeerMax', count + 1, messagesPerPeerMax],
      ['bytesMax', this.#bytes + letter.bytes, bytesMax],
      ['bytesPerPeerMax', (shelf?.bytes ?? 0) + letter.bytes, bytesPerPeerMax],
    ]
    for (const [name, value, max] of bounds) {
      if (value <= max) continue
      const problem = `a message for ${letter.peer} does not fit: ${name} is ${max}`
      throw new OutboxError('GOSSIP_OUTBOX_FULL', problem, { peer: letter.peer, id: letter.id })
    }
  }

  /** Takes a letter whose number is higher than all before, without asking for room: a former life may have had more. */
  add(letter: Letter): void {
    const shelf = this.#shelves.get(letter.peer) ?? { waiting: new Map(), undeliverable: new Map(), bytes: 0 }
    this.#shelves.set(letter.peer, shelf)
    ;(letter.isUndeliverable ? shelf.undeliverable : shelf.waiting).set(letter.id, letter)
    shelf.bytes += letter.bytes
    this.#bytes += letter.bytes
    this.#count++
    if (letter.isUndeliverable) this.#undeliverable++
  }

  /** Takes a letter out; returns whether it was there. */
  remove(letter: Letter): boolean {
    const shelf = this.#shelves.get(letter.peer)
    if (shelf === undefined || !this.has(letter)) return false
    if (shelf.undeliverable.delete(letter.id)) this.#undeliverable--
    else shelf.waiting.delete(letter.id)
    shelf.bytes -= letter.bytes
    this.#bytes -= letter.bytes
    this.#count--
    if (shelf.waiting.size + shelf.undeliverable.size === 0) this.#shelves.delete(letter.peer)
    return true
  }
}
