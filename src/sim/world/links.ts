/** Which ways between machines are open: single cuts, one way or both, and partitions. */

/** Names of machines. A cut stays until it is healed. */
export class Links {
  readonly #cuts = new Set<string>()
  /** Which part each machine is in; a machine in none reaches everybody. */
  #parts = new Map<string, number>()

  /** Whether everything is open. */
  get areWhole(): boolean {
    return this.#cuts.size === 0 && this.#parts.size === 0
  }

  isOpen(from: string, to: string): boolean {
    if (this.#cuts.size > 0 && this.#cuts.has(way(from, to))) return false
    if (this.#parts.size === 0) return true
    const [here, there] = [this.#parts.get(from), this.#parts.get(to)]
    return here === undefined || there === undefined || here === there
  }

  /** Closes the way from one machine to another, one way. */
  cut(from: string, to: string): void {
    this.#cuts.add(way(from, to))
  }

  /** Opens it again. */
  mend(from: string, to: string): void {
    this.#cuts.delete(way(from, to))
  }

  /** Parts that cannot reach each other; replaces an earlier partition. */
  partition(parts: readonly (readonly string[])[]): void {
    this.#parts = new Map(parts.flatMap((names, part) => names.map((name) => [name, part] as const)))
  }

  /** Ends the partition; cuts stay. */
  unite(): void {
    this.#parts.clear()
  }

  /** Opens everything. */
  heal(): void {
    this.#cuts.clear()
    this.#parts.clear()
  }
}

function way(from: string, to: string): string {
  return `${from}\n${to}`
}
