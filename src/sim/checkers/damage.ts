/** A damaged message is refused with an error and does nothing else: it is not answered either. */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Looks at what each damaged message made a process tell and send. */
export class DamageChecker implements Checker {
  readonly name = 'damage'
  readonly kind = 'safety'
  readonly #report: Report
  /** The machine whose next input is damaged, and what it told since. */
  #damaged: { readonly machine: Machine; readonly told: string[] } | undefined
  /** The machine that has just refused one: what it sends before its next input is an answer. */
  #refusing: Machine | undefined
  readonly #world: World

  constructor(world: World, report: Report) {
    this.#world = world
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
    this.#refusing = undefined
    if (damaged?.machine !== machine || arrival === undefined) return
    this.#damaged = undefined
    if (machine.running.isFrozen || this.#speaksToFirstGeneration()) return
    this.#refusing = machine
    // A lease that lapsed meanwhile is told by any input.
    const other = damaged.told.filter((type) => type !== 'error' && type !== 'delete')
    if (!damaged.told.includes('error')) {
      this.#report(machine.name, `took in damaged ${arrival.kind} without an error: ${JSON.stringify(arrival.payload)}`)
    } else if (other.length > 0) this.#report(machine.name, `damaged ${arrival.kind} also caused ${other.join(', ')}`)
  }

  onSend(machine: Machine, { kind }: { kind: string }): void {
    if (this.#refusing === machine) this.#report(machine.name, `sent ${kind} on a damaged message`)
  }

  /** What is no digest of this generation may be one of the first. */
  #speaksToFirstGeneration(): boolean {
    for (const machine of this.#world.machines.values()) if (machine.isFirstGeneration) return true
    return false
  }
}
