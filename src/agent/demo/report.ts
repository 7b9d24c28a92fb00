/** What the demo has shown, as a table at the end. */

import { counted, shownCount, shownSeconds } from '../cli/index.ts'
import { differenceText } from './compare.ts'
import type { Input } from './input.ts'
import { detectionText } from './life.ts'
import type { Took } from './replicate.ts'
import type { Figures } from './show.ts'
import type { Verdict } from './verify.ts'

const DIFFERENCES_SHOWN_MAX = 20

/** The table of figures, and the verdict below it. */
export function reportText(input: Input, figures: Figures): string {
  const { detection, deletion, keysDeleted, falseDeaths } = figures
  const rows: (readonly [string, string])[] = [
    ['input', input.source],
    ['all live', `${shownSeconds(figures.gathering.ms)} after the first process was started`],
    ['full replication', tookText(figures.spread)],
    ['death detected', detectionText(detection)],
    ['taken back', `${shownSeconds(figures.return.ms)} after its process was started again`],
    ['its keys back', tookText(figures.refill)],
    ['deletion', `${counted(keysDeleted, 'key')}: ${tookText(deletion)}`],
    ['false deaths', shownCount(falseDeaths)],
  ]
  const width = Math.max(...rows.map(([head]) => head.length))
  return [
    '',
    ...rows.map(([head, text]) => `${head.padEnd(width)}  ${text}`),
    '',
    nodeTable(figures),
    '',
    verdictText(figures.verdict),
    '',
  ].join('\n')
}

/** Whether all nodes are identical, or what is not. */
export function verdictText({ nodes, copies, values, differences }: Verdict): string {
  if (differences.length === 0) {
    const what = `${counted(copies, 'copy', 'copies')}, ${counted(values, 'value')}`
    return `identical: all ${nodes} nodes hold exactly what was written (${what}, all hashes)`
  }
  const lines = differences.slice(0, DIFFERENCES_SHOWN_MAX).map((difference) => `  ${differenceText(difference)}`)
  const more = differences.length - lines.length
  if (more > 0) lines.push(`  and ${shownCount(more)} more`)
  return [
    `DIFFERENT: ${counted(differences.length, 'difference')} between what was written and what nodes hold`,
    ...lines,
  ].join('\n')
}

function tookText({ ms, rounds }: Took): string {
  return `${counted(rounds, 'round')}, ${shownSeconds(ms)}`
}

/** Both lives of the node that was killed count together. */
function nodeTable({ totals }: Figures): string {
  const head = ['node', 'rounds', 'messages sent', 'bytes sent', 'errors']
  const rows = [...totals].map(([id, { rounds, traffic, errors }]) => [
    id,
    ...[rounds, traffic.messages, traffic.bytes].map(shownCount),
    errorsText(errors),
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const isText = (column: number): boolean => column === 0 || column === head.length - 1
  const cellText = (cell: string, column: number): string =>
    isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return [head, ...rows].map((row) => row.map(cellText).join('  ').trimEnd()).join('\n')
}

function errorsText(errors: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(errors).map(([code, times]) => `${shownCount(times)} × ${code}`)
  return kinds.length === 0 ? 'none' : kinds.join(', ')
}
