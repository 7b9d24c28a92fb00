/** Lines that leave together: as one text, in the cheapest encoding that says them. */

/** Lines written in one turn of the event loop. */
export class LineBatch {
  #lines: string[] = []
  #bytes = 0
  #isAscii = true

  /** Size of all lines in UTF-8. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether there is nothing to send. */
  get isEmpty(): boolean {
    return this.#lines.length === 0
  }

  /** @param bytes - size of the line in UTF-8 */
  add(line: string, bytes: number): void {
    this.#lines.push(line)
    this.#bytes += bytes
    if (bytes !== line.length) this.#isAscii = false
  }

  /** Takes all lines. */
  take(): { readonly text: string; readonly bytes: number; readonly encoding: 'latin1' | 'utf8' } {
    const text = this.#lines.length === 1 ? (this.#lines[0] as string) : this.#lines.join('')
    // Latin-1 is a plain copy, so text that is ASCII anyway goes that way.
    const taken = { text, bytes: this.#bytes, encoding: this.#isAscii ? 'latin1' : 'utf8' } as const
    this.#lines = []
    this.#bytes = 0
    this.#isAscii = true
    return taken
  }
}
