/** What a bench answers, and how answers are printed and compared with earlier ones. */

/** One measured thing. */
export interface Row {
  readonly name: string
  /** Median time of one operation, ms. */
  readonly medianMs: number
  /** Half of all samples lie between these, ms. */
  readonly quartilesMs: readonly [number, number]
  readonly samples: number
  /** The row of the same bench it is compared with: the ratio is that row's time over this one's. */
  readonly against?: string
  /** What one operation handles, for figures per second. */
  readonly amount?: { readonly count: number; readonly unit: string }
  /** Anything worth knowing beside the time, such as bytes on the wire. */
  readonly note?: string
}

/** One bench file: one question. */
export interface BenchFile {
  readonly question: string
  run(): Promise<readonly Row[]>
}

/** How many times faster than its comparison a row is, by name; from one run, so that machines cancel out. */
export function ratiosOf(rows: readonly Row[]): ReadonlyMap<string, number> {
  const ratios = new Map<string, number>()
  for (const row of rows) {
    const other = rows.find(({ name }) => name === row.against)
    if (other !== undefined) ratios.set(row.name, other.medianMs / row.medianMs)
  }
  return ratios
}

/** The table of one bench, with the ratio of the recorded run beside today's. */
export function tableOf(rows: readonly Row[], recorded: Readonly<Record<string, number>>): string {
  const ratios = ratiosOf(rows)
  const lines = rows.map((row) => {
    const ratio = ratios.get(row.name)
    const before = recorded[row.name]
    return [
      row.name,
      `${figure(row.medianMs)} ms (${figure(row.quartilesMs[0])}–${figure(row.quartilesMs[1])})`,
      row.amount === undefined ? '' : `${perSecond(row)}/s`,
      ratio === undefined ? '' : `${figure(ratio)} × ${row.against ?? ''}`,
      before === undefined ? '' : `recorded ${figure(before)}`,
      row.note ?? '',
    ]
  })
  return align([['what', 'median (quartiles)', 'rate', 'ratio', '', ''], ...lines])
}

function perSecond(row: Row): string {
  const count = ((row.amount?.count ?? 0) / row.medianMs) * 1_000
  const unit = row.amount?.unit ?? ''
  if (count >= 1e6) return `${figure(count / 1e6)} M ${unit}`
  return count >= 1e3 ? `${figure(count / 1e3)} k ${unit}` : `${figure(count)} ${unit}`
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toString()
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return padded.map((cells) => `  ${cells.join('  ').trimEnd()}`).join('\n')
}
