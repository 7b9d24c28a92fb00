/** A process stops for a second one under its id only where there was a second one. */

import type { EngineEvent } from '../../core/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Looks at conflicts. */
export class ConflictChecker implements Checker {
  readonly name = 'conflicts'
  readonly kind = 'policy'
  readonly #world: World
  readonly #report: Report

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    if (!events.some((event) => event.type === 'conflict')) return
    const isShared = [...this.#world.machines.values()].some(
      ({ id, name }) => id === machine.id && name !== machine.name,
    )
    if (!isShared) this.#report(machine.name, 'stopped for a second process under its id, and there is none')
  }
}
