/** What an experiment is: a question that a paper has answered, and our answer beside it. */

/** One figure of ours beside the paper's. */
export interface Finding {
  /** What was varied, such as `n = 128, 20 % loss`. */
  readonly condition: string
  readonly unit: string
  /** What the paper, or its formula, says; undefined where it says nothing. */
  readonly paper: number | undefined
  /** All figures of ours, one per repetition. */
  readonly ours: readonly number[]
  /** What is wished for, in words, and whether it came true. */
  readonly goal?: { readonly text: string; readonly isMet: boolean }
  readonly note?: string
}

/** How much to run, and whom to tell. */
export interface ExperimentRun {
  readonly seed: number
  /** Leaves out what takes minutes. */
  readonly isQuick: boolean
  /** Told what is going on. */
  readonly tell: (text: string) => void
}

/** One experiment file. */
export interface Experiment {
  readonly question: string
  /** Where the paper's figures come from. */
  readonly source: string
  run(run: ExperimentRun): Promise<readonly Finding[]>
}

/** The figures in columns. */
export function findingsTable(findings: readonly Finding[]): string {
  const header = ['', 'paper', 'ours: mean', 'p99', 'worst', 'repetitions', 'goal', '']
  const lines = findings.map(({ condition, unit, paper, ours, goal, note }) => {
    const sorted = [...ours].sort((a, b) => a - b)
    return [
      `${condition} (${unit})`,
      paper === undefined ? '–' : figure(paper),
      figure(meanOf(ours)),
      figure(sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN),
      figure(sorted.at(-1) ?? Number.NaN),
      String(ours.length),
      goal === undefined ? '' : `${goal.text}: ${goal.isMet ? 'yes' : 'NO'}`,
      note ?? '',
    ]
  })
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((cells) => cells[column]?.length ?? 0)))
  return [header, ...lines]
    .map(
      (cells) =>
        `  ${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}`,
    )
    .join('\n')
}

/** The mean; NaN of nothing. */
export function meanOf(figures: readonly number[]): number {
  return figures.reduce((sum, value) => sum + value, 0) / figures.length
}

function figure(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(2)
}
