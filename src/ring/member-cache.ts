/**
 * Members with their tokens, made once for each id. Hashing takes a tenth of a millisecond a member, which a thousand
 * newcomers at once would feel: so ids are hashed a few at a time when they become known, before they are needed.
 */

import type { System } from '../core/index.ts'
import { type Member, memberOf } from './circle.ts'

/** Ids hashed in one turn of the event loop. */
const IDS_AT_ONCE_MAX = 16

/** Bounded by what it is asked for: whoever prepares or gets an id forgets it when the peer is removed. */
export class MemberCache {
  readonly #virtualNodes: number
  readonly #system: Pick<System, 'startTimer'>
  readonly #members = new Map<string, Member>()
  readonly #waiting = new Set<string>()
  #cancel: (() => void) | undefined

  constructor(virtualNodes: number, system: Pick<System, 'startTimer'>) {
    this.#virtualNodes = virtualNodes
    this.#system = system
  }

  /** Ids that are there, or wait to be hashed. */
  get size(): number {
    return this.#members.size + this.#waiting.size
  }

  /** The member of an id, made now unless it is there. */
  get(id: string): Member {
    const present = this.#members.get(id)
    if (present !== undefined) return present
    const member = memberOf(id, this.#virtualNodes)
    this.#members.set(id, member)
    this.#waiting.delete(id)
    return member
  }

  /** An id that may soon be asked for. */
  prepare(id: string): void {
    if (this.#members.has(id)) return
    this.#waiting.add(id)
    this.#cancel ??= this.#system.startTimer(() => this.#work(), 0)
  }

  forget(id: string): void {
    this.#members.delete(id)
    this.#waiting.delete(id)
  }

  /** Forgets everything and stops. */
  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#members.clear()
    this.#waiting.clear()
  }

  #work(): void {
    this.#cancel = undefined
    for (const id of [...this.#waiting].slice(0, IDS_AT_ONCE_MAX)) this.get(id)
    if (this.#waiting.size > 0) this.#cancel = this.#system.startTimer(() => this.#work(), 0)
  }
}
