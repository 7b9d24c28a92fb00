/** Tokens of many members in the order of the circle, each with its owner's number: two flat arrays, never changed. */

/** Whether the first of two owners goes before the second where their tokens are equal. */
export type Precedence = (owner: number, other: number) => boolean

/** Sorted by token, equal ones by their owners' precedence. */
export class TokenList {
  readonly tokens: Float64Array
  readonly owners: Uint32Array

  /** @param tokens - sorted; not copied, neither are the owners */
  constructor(tokens: Float64Array, owners: Uint32Array) {
    this.tokens = tokens
    this.owners = owners
  }

  get length(): number {
    return this.tokens.length
  }

  /** Where the first token at or after a place stands, the way round included. O(log length); 0 for an empty list. */
  at(place: number): number {
    let [low, high] = [0, this.tokens.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.tokens[middle] as number) < place) low = middle + 1
      else high = middle
    }
    return low === this.tokens.length ? 0 : low
  }

  /**
   * The list with other numbers for its owners. O(length).
   *
   * @param numbers - by old number the new one; below 0 where the owner is gone
   */
  renumbered(numbers: Int32Array): TokenList {
    const tokens = new Float64Array(this.length)
    const owners = new Uint32Array(this.length)
    let length = 0
    for (let index = 0; index < this.length; index++) {
      const owner = numbers[this.owners[index] as number] as number
      if (owner < 0) continue
      tokens[length] = this.tokens[index] as number
      owners[length++] = owner
    }
    return new TokenList(tokens.subarray(0, length), owners.subarray(0, length))
  }

  /** Both lists as one. O(length of both). */
  merged(other: TokenList, precedes: Precedence): TokenList {
    if (this.length === 0) return other
    if (other.length === 0) return this
    const tokens = new Float64Array(this.length + other.length)
    const owners = new Uint32Array(tokens.length)
    let [ours, theirs] = [0, 0]
    for (let index = 0; index < tokens.length; index++) {
      const isOurs = theirs === other.length || (ours < this.length && this.#isFirst(ours, other, theirs, precedes))
      const list = isOurs ? this : other
      const from = isOurs ? ours++ : theirs++
      tokens[index] = list.tokens[from] as number
      owners[index] = list.owners[from] as number
    }
    return new TokenList(tokens, owners)
  }

  #isFirst(ours: number, other: TokenList, theirs: number, precedes: Precedence): boolean {
    const [a, b] = [this.tokens[ours] as number, other.tokens[theirs] as number]
    return a < b || (a === b && precedes(this.owners[ours] as number, other.owners[theirs] as number))
  }
}

/** Many lists as one: each is walked through O(log lists) times. */
export function mergedLists(lists: readonly TokenList[], precedes: Precedence): TokenList {
  if (lists.length === 0) return new TokenList(new Float64Array(0), new Uint32Array(0))
  if (lists.length === 1) return lists[0] as TokenList
  const half = lists.length >>> 1
  const [left, right] = [lists.slice(0, half), lists.slice(half)]
  return mergedLists(left, precedes).merged(mergedLists(right, precedes), precedes)
}
