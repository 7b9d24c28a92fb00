/** Waits for a cluster to get somewhere, for as long as it still moves. */

import { setTimeout as sleep } from 'node:timers/promises'
import { CommandFailedError, shownSeconds } from '../cli/index.ts'
import type { Progress } from './progress.ts'

/** How far things have come. */
export interface Measure {
  readonly isDone: boolean
  /** Any figure that changes as long as things move. */
  readonly moved: number
  /** For the line of progress. */
  readonly text: string
}

/** What is waited for, and how. */
export interface Act {
  readonly label: string
  /** What should come true, as it would stand after "waited for". */
  readonly goal: string
  readonly progress: Progress
  readonly pollMs: number
  /** Without any movement for this long it has failed. */
  readonly stalledMsMax: number
  readonly measure: () => Promise<Measure>
  /** What is still wanting, for the report of a failure; one line each. */
  readonly lacking: () => Promise<readonly string[]>
}

/**
 * Measures again and again until it is done.
 *
 * @throws {CommandFailedError} `GOSSIP_DEMO_STALLED`: nothing has moved for too long; the message says what is wanting
 */
export async function waitFor(act: Act): Promise<void> {
  let moved: number | undefined
  let movedAtMs = performance.now()
  for (;;) {
    const measure = await act.measure()
    if (measure.isDone) return
    act.progress.show(act.label, measure.text)
    if (measure.moved !== moved) {
      moved = measure.moved
      movedAtMs = performance.now()
    }
    if (performance.now() - movedAtMs > act.stalledMsMax) throw await stalled(act, measure)
    await sleep(act.pollMs)
  }
}

async function stalled(act: Act, { text }: Measure): Promise<CommandFailedError> {
  const head = `waited for ${act.goal}, and nothing has moved for ${shownSeconds(act.stalledMsMax)} (${text})`
  return new CommandFailedError('GOSSIP_DEMO_STALLED', [head, ...(await act.lacking())].join('\n  '))
}
