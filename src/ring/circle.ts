/**
 * Who owns what: multi-probe consistent hashing over a set of members, and nothing else. A value has ten places, a member
 * many tokens; the owner is the member with the least distance, clockwise, from any of the places to any of its tokens. So
 * one member more or less moves no value but those it takes or leaves, and ten chances even out the gaps between tokens.
 *
 * Appleton and O'Reilly, Multi-probe consistent hashing, 2015; here with many tokens a member.
 */

import { distance, PROBES, placesOfMember } from './places.ts'
import { mergedLists, TokenList } from './token-list.ts'

/** Somebody who can own values. */
export interface Member {
  readonly id: string
  /** Where it stands among the others: its first token. */
  readonly place: number
  /** Sorted. */
  readonly tokens: Float64Array
}

/** Who comes and who goes; nobody does both. */
export interface CircleChange {
  /** Those who are there already are passed over. */
  readonly joining?: readonly Member[]
  readonly leaving?: ReadonlySet<string>
}

/** A member by its id. */
export function memberOf(id: string, virtualNodes: number): Member {
  const tokens = placesOfMember(id, virtualNodes)
  return { id, place: tokens[0] as number, tokens: tokens.sort() }
}

/** Never changed: `with` makes another one. */
export class Circle {
  /** In the order of their places, equal ones by id. */
  readonly members: readonly Member[]
  readonly #numbers: ReadonlyMap<string, number>
  readonly #tokens: TokenList

  constructor(members: readonly Member[] = [], tokens: TokenList = mergedLists([], () => true)) {
    this.members = members
    this.#numbers = new Map(members.map(({ id }, number) => [id, number]))
    this.#tokens = tokens
  }

  get size(): number {
    return this.members.length
  }

  has(id: string): boolean {
    return this.#numbers.has(id)
  }

  /** Another set of members. O(tokens), and O(log joining) for each token that comes. */
  with({ joining = [], leaving = new Set() }: CircleChange): Circle {
    const newcomers = new Map(joining.filter(({ id }) => !this.has(id)).map((member) => [member.id, member]))
    const staying = this.members.filter(({ id }) => !leaving.has(id))
    const members = [...staying, ...newcomers.values()].sort(inOrder)
    const numbers = new Map(members.map(({ id }, number) => [id, number]))
    const kept = this.#tokens.renumbered(Int32Array.from(this.members, ({ id }) => numbers.get(id) ?? -1))
    const precedes = (a: number, b: number): boolean => (members[a] as Member).id < (members[b] as Member).id
    const added = [...newcomers.values()].map(({ id, tokens }) => {
      return new TokenList(tokens, new Uint32Array(tokens.length).fill(numbers.get(id) as number))
    })
    return new Circle(members, kept.merged(mergedLists(added, precedes), precedes))
  }

  /**
   * The owner of a value; undefined when there are no members. O(log tokens).
   *
   * @param places - of the value
   */
  ownerOf(places: Float64Array): Member | undefined {
    return this.ownersOf(places, 1)[0]
  }

  /**
   * The members that are nearest to a value, nearest first: each owns it when those before it are gone. O(log tokens) for
   * the first, and the walk to the others, about `count` · 10 steps while `count` is small beside the members.
   *
   * @param count - how many; fewer come when there are fewer members
   */
  ownersOf(places: Float64Array, count: number): readonly Member[] {
    const { length } = this.#tokens
    const wanted = Math.min(count, this.size)
    const found = new Set<number>()
    // How far each place has looked ahead: the token it stands at, and the distance to it.
    const at = Array.from(places, (place) => this.#tokens.at(place))
    const ahead = at.map((index, probe) => this.#distance(places, probe, index))
    while (found.size < wanted) {
      const nearest = this.#nearest(at, ahead)
      const index = at[nearest] as number
      found.add(this.#tokens.owners[index] as number)
      const next = index + 1 === length ? 0 : index + 1
      at[nearest] = next
      // Nobody is asked for after one of them has come round: it has met everybody on the way.
      ahead[nearest] = this.#distance(places, nearest, next)
    }
    return [...found].map((number) => this.members[number] as Member)
  }

  /** Who comes next to, and who before, somebody who need not be a member; undefined when there is nobody else. */
  neighboursOf(who: Member): { readonly successor: Member | undefined; readonly predecessor: Member | undefined } {
    const { members } = this
    let [low, high] = [0, members.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (inOrder(members[middle] as Member, who) < 0) low = middle + 1
      else high = middle
    }
    const isMember = members[low]?.id === who.id
    if (members.length === (isMember ? 1 : 0)) return { successor: undefined, predecessor: undefined }
    const successor = members[(low + (isMember ? 1 : 0)) % members.length]
    const predecessor = members[(low + members.length - 1) % members.length]
    return { successor, predecessor }
  }

  #distance(places: Float64Array, probe: number, index: number): number {
    return distance(places[probe] as number, this.#tokens.tokens[index] as number)
  }

  /** The place whose next token is nearest; of equally near ones that whose token's owner has the lower id. */
  #nearest(at: readonly number[], ahead: readonly number[]): number {
    let best = 0
    for (let probe = 1; probe < PROBES; probe++) {
      const [mine, least] = [ahead[probe] as number, ahead[best] as number]
      if (mine < least || (mine === least && this.#idAt(at[probe]) < this.#idAt(at[best]))) best = probe
    }
    return best
  }

  #idAt(index: number | undefined): string {
    return this.members[this.#tokens.owners[index as number] as number]?.id ?? ''
  }
}

function inOrder(a: Member, b: Member): number {
  if (a.place !== b.place) return a.place - b.place
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1
}
