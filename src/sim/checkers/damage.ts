/** A damaged message is refused with an error and does nothing else. */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Looks at the events after each damaged message. */
export class DamageChecker implements Checker {
  readonly name = 'damage'
  readonly kind = 'safety'
  readonly #report: Report
  /** The machine whose next input is damaged, and what it told since. */
  #damaged: { readonly machine: Machine; readonly told: string[] } | undefined

  constructor(report: Report) {
    this.#report = report
  }

  onDamaged(machine: Machine): void {
    this.#damaged = { machine, told: [] }
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    if (this.#damaged?.machine === machine) this.#damaged.told.push(...events.map((event) => event.type))
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const damaged = this.#damaged
    if (damaged?.machine !== machine || arrival === undefined) return
    this.#damaged = undefined
    if (machine.running.kind !== 'engine' || machine.running.isFrozen) return
    // A lease that lapsed meanwhile is told by any input.
    const other = damaged.told.filter((type) => type !== 'error' && type !== 'delete')
    if (!damaged.told.includes('error')) {
      this.#report(machine.name, `took in damaged ${arrival.kind} without an error: ${JSON.stringify(arrival.payload)}`)
    } else if (other.length > 0) this.#report(machine.name, `damaged ${arrival.kind} also caused ${other.join(', ')}`)
  }
}
