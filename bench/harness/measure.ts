/** Times an operation whose inputs are built outside the timed part, and reports the median and the quartiles. */

import { Bench } from 'tinybench'
import type { Row } from './report.ts'

/** What to time. */
export interface Subject<Input> extends Pick<Row, 'name' | 'against' | 'amount' | 'note'> {
  /** Builds what one operation works on; not timed. */
  readonly prepare: () => Input
  /** The operation; what it returns is kept, so that nothing is optimised away. */
  readonly run: (input: Input) => unknown
}

/** A subject whose input type nobody else needs to know. */
export type AnySubject = Subject<unknown>

/** Hides the input's type, which `prepare` and `run` agree on among themselves. */
export function subject<Input>(of: Subject<Input>): AnySubject {
  return { ...of, run: (input) => of.run(input as Input) }
}

let kept: unknown

/** Times subjects in one process, in turn. */
export async function measure(subjects: readonly AnySubject[], timeMs: number = 1_500): Promise<readonly Row[]> {
  const bench = new Bench({
    retainSamples: true,
    time: timeMs,
    warmupTime: timeMs / 4,
    iterations: 12,
    warmupIterations: 4,
  })
  for (const one of subjects) addTask(bench, one)
  await bench.run()
  return subjects.map((one) => {
    const { result } = bench.getTask(one.name) ?? {}
    if (result?.state !== 'completed') throw new Error(`${one.name} did not complete`, { cause: result })
    const { p50, p25, p75, samplesCount } = withQuartiles(result.latency)
    const { prepare: _prepare, run: _run, ...row } = one
    return { ...row, medianMs: p50, quartilesMs: [p25, p75], samples: samplesCount }
  })
}

/** What was last computed; reading it keeps the computation. */
export function lastResult(): unknown {
  return kept
}

function addTask(bench: Bench, { name, prepare, run }: AnySubject): void {
  let input: unknown
  bench.add(
    name,
    () => {
      kept = run(input)
    },
    {
      beforeEach: () => {
        input = prepare()
      },
    },
  )
}

function withQuartiles(latency: { readonly samples: readonly number[] | undefined; readonly p50: number }): {
  p50: number
  p25: number
  p75: number
  samplesCount: number
} {
  const sorted = [...(latency.samples ?? [latency.p50])].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return { p50: at(0.5), p25: at(0.25), p75: at(0.75), samplesCount: sorted.length }
}
