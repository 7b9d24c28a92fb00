/** Trouble that may come in floods: each kind of it is told at once when it is new, and then at most once a second. */

import { RepeatedReport } from '../wire/index.ts'

/** Makes the error that tells of something. @param times - how often it happened since it was told last */
export type Told = (times: number) => Error

/** What happens again and again, by kind. */
export class Troubles {
  readonly #now: () => number
  readonly #tell: (error: Error) => void
  readonly #reports = new Map<string, { readonly report: RepeatedReport; latest: Told }>()

  constructor(now: () => number, tell: (error: Error) => void) {
    this.#now = now
    this.#tell = tell
  }

  /** Whether something has piled up. */
  get isPending(): boolean {
    return [...this.#reports.values()].some(({ report }) => report.isPending)
  }

  /** It happened. @param kind - one of a few names: each is remembered */
  add(kind: string, told: Told): void {
    let known = this.#reports.get(kind)
    if (known === undefined) {
      const made = { report: new RepeatedReport(this.#now, (times) => this.#tell(made.latest(times))), latest: told }
      known = made
      this.#reports.set(kind, made)
    }
    known.latest = told
    known.report.add()
  }

  /** Tells of what has piled up. Worth calling about once a second. */
  poll(): void {
    for (const { report } of this.#reports.values()) report.poll()
  }
}
