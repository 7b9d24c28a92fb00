/** The table that a simulation ends with. */

import type { SpreadFigures } from '../../sim/index.ts'
import { counted, shownCount, shownSeconds } from '../cli/index.ts'
import type { Figures } from './acts.ts'
import type { Plan } from './plan.ts'

const LABEL_WIDTH = 28
const COLUMN_WIDTH = 9

/** The cluster on one line, before the simulation begins. */
export function headline({ peers, simulation }: Plan): string {
  const { seed = 0, network, engine } = simulation
  const { lossChance = 0, duplicateChance = 0, reorderChance = 0, latencyMs } = network ?? {}
  const latency =
    typeof latencyMs === 'object' && 'min' in latencyMs ? `${latencyMs.min} to ${latencyMs.max} ms away` : ''
  const chances = Object.entries({ lost: lossChance, doubled: duplicateChance, overtaken: reorderChance })
    .filter(([, chance]) => chance > 0)
    .map(([what, chance]) => `${Number((chance * 100).toFixed(1))} % ${what}`)
  return [`${counted(peers, 'peer')}`, latency, ...chances, `fan-out ${engine?.fanout ?? 0}`, `seed ${seed}`].join(', ')
}

/** The table. `tookMs` is real time. */
export function reportText(plan: Plan, figures: Figures, tookMs: number): string {
  const { startRounds, healRounds, settleRounds, stats } = figures
  const { network, writes, crashes, staleness, rounds } = stats
  const perPeerAndRound = network.sentBytes / Math.max(1, plan.peers * rounds)
  const rows: readonly (readonly [string, string])[] = [
    ['joint start', `everything everywhere after ${counted(startRounds, 'round')}`],
    ...(healRounds === undefined
      ? []
      : [['partition healed', `all agree after ${counted(healRounds, 'round')}`] as const]),
    ['peace', `all agree after ${counted(settleRounds, 'round')}`],
    ['longest lack of a write', `mean ${shownSeconds(staleness.meanMs)}, worst ${shownSeconds(staleness.worstMs)}`],
    ['messages', `${shownCount(network.sent)} sent, ${shownCount(network.delivered)} taken in`],
    ['bytes per peer and round', shownCount(perPeerAndRound)],
    ['called dead while up', shownCount(stats.falseDeaths)],
    ['events', eventsText(stats.events)],
    ['errors', eventsText(stats.errors)],
    ['broken promises', '0'],
    ['history', `${shownCount(stats.traceRecords)} records, fingerprint ${stats.traceHash}`],
    ['simulated', `${counted(Math.round(rounds), 'round')} in ${shownSeconds(tookMs)}`],
  ]
  return [
    '',
    `${'rounds until known to'.padEnd(LABEL_WIDTH)}${['50 %', '99 %', '100 %', 'worst'].map(column).join('')}`,
    spreadRow('writes', writes),
    spreadRow('crashes', crashes),
    '',
    ...rows.map(([label, text]) => `${label.padEnd(LABEL_WIDTH)}  ${text}`),
    '',
  ].join('\n')
}

function spreadRow(label: string, { count, completed, half, most, all, allWorst }: SpreadFigures): string {
  const whole = completed === count ? shownCount(count) : `${shownCount(completed)} of ${shownCount(count)}`
  const figures = [half, most, all, allWorst].map((rounds) => column(rounds === undefined ? '–' : rounds.toFixed(1)))
  return `${`${label} (${whole})`.padEnd(LABEL_WIDTH)}${figures.join('')}`
}

function column(text: string): string {
  return text.padStart(COLUMN_WIDTH)
}

function eventsText(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts)
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${shownCount(count)} ${name}`).join(', ')
}
