/** Times asynchronous work in batches, the subjects taking turns so that a noisy moment hits all of them. */

import type { Row } from './report.ts'

/** What to time. */
export interface BatchSubject extends Pick<Row, 'name' | 'against' | 'amount' | 'note'> {
  /** Runs one batch to its end. */
  readonly run: () => Promise<void>
}

/** Runs every subject `batches` times, in turns, after one batch that is not counted. */
export async function measureBatches(subjects: readonly BatchSubject[], batches: number): Promise<readonly Row[]> {
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  for (let batch = 0; batch <= batches; batch++) {
    for (const { name, run } of subjects) {
      const startedMs = performance.now()
      await run()
      if (batch > 0) times.get(name)?.push(performance.now() - startedMs)
    }
  }
  return subjects.map(({ run: _run, ...row }) => {
    const sorted = (times.get(row.name) ?? []).sort((a, b) => a - b)
    const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? 0
    return { ...row, medianMs: at(0.5), quartilesMs: [at(0.25), at(0.75)], samples: sorted.length }
  })
}
