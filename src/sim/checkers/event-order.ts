/** Events about one peer come in an order that makes sense: known first, live once, nothing after its removal. */

import type { EngineEvent } from '../../core/index.ts'
import type { Process } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Looks at every event. */
export class EventOrderChecker implements Checker {
  readonly name = 'event order'
  readonly kind = 'safety'
  readonly #report: Report
  /** Peers a process was told of, and the last word on their life. */
  readonly #known = new WeakMap<Process, Map<string, string>>()

  constructor(report: Report) {
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    const process = machine.running
    const known = this.#known.get(process) ?? new Map<string, string>()
    this.#known.set(process, known)
    for (const event of events) {
      if (!('peerId' in event) || event.peerId === machine.id) continue
      const problem = problemOf(event, known.get(event.peerId))
      if (problem !== undefined) this.#report(machine.name, `${event.type} of ${event.peerId}: ${problem}`)
      if (event.type === 'peer removed') known.delete(event.peerId)
      else if (event.type !== 'update' && event.type !== 'delete') known.set(event.peerId, event.type)
    }
  }
}

function problemOf(event: EngineEvent, last: string | undefined): string | undefined {
  if (event.type === 'new peer') return last === undefined ? undefined : `it is known since ${last}`
  if (last === undefined) return 'it is not known'
  if (event.type === 'peer live' && last === 'peer live') return 'it is live already'
  return undefined
}
