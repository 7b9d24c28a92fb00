/** Recognises names that were checked before, so that a digest of known peers costs a comparison each and no walk over letters. */

import { parseName } from './shape.ts'

/** Reads names in the order in which a message brings them; fastest where that is the order of the known ones. */
export class KnownNames {
  readonly #known: readonly string[]
  #next = 0

  /** @param known - ascending */
  constructor(known: readonly string[]) {
    this.#known = known
  }

  /**
   * The known name that a field equals, or the field itself once it is checked.
   *
   * @throws {MalformedMessageError} it is no name
   */
  parse(value: unknown, what: string): string {
    const known = this.#known
    if (typeof value === 'string') {
      // Both sides ascend as a rule, so what is passed over here does not come later.
      while (this.#next < known.length && (known[this.#next] as string) < value) this.#next++
      const name = known[this.#next]
      if (name === value) {
        this.#next++
        return name
      }
    }
    return parseName(value, what)
  }
}
