/** What a hunt reports, as one line of JSON between two processes. */

/** What a hunt came to. */
export interface Finding {
  /** The checker that objected, `agreement` or `assert`; undefined when nothing did. */
  readonly by: string | undefined
  /** The stage of the hunt that found it. */
  readonly stage: string | undefined
  /** Scenarios run, all stages together. */
  readonly runs: number
  /** Steps of the failing schedule. */
  readonly steps: number | undefined
  /** What went wrong, in words. */
  readonly problem: string | undefined
  /** The failing scenario for a person, and how to see it again. */
  readonly report: string | undefined
}

/** Says who objected, by the codes of errors: those of a copy are of other classes than ours. */
export function objectorOf(error: unknown): string {
  if (!(error instanceof Error)) return 'assert'
  const { code, violations } = error as { code?: unknown; violations?: readonly { checker: string }[] }
  if (code === 'GOSSIP_SIM_VIOLATION') return violations?.[0]?.checker ?? 'a checker'
  if (code === 'GOSSIP_SIM_NOT_REACHED') return 'agreement'
  if (code === 'GOSSIP_ASSERTION') return 'assert'
  return error.name
}
