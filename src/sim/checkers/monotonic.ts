/**
 * (generation, gcVersion, maxVersionSeen) of a copy never decreases, as long as a process knows the peer; and
 * (generation, heartbeat) of a peer does not either.
 */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { namedBy } from './touched.ts'

interface Last {
  readonly triple: readonly number[]
  readonly life: readonly number[]
}

/** Looks at whom a message speaks of, digests included, and at everybody in each round of a process. */
export class MonotonicChecker implements Checker {
  readonly name = 'monotonic'
  readonly kind = 'safety'
  readonly #world: World
  readonly #report: Report
  readonly #last = new WeakMap<Process, Map<string, Last>>()

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) {
      // Whoever comes back after its removal begins anew, as the resurrection checker sees to.
      if (event.type === 'peer removed') this.#last.get(machine.running)?.delete(event.peerId)
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const process = machine.running
    if (arrival === undefined) this.#checkAll(machine, process)
    else for (const id of namedBy(arrival)) this.#check(machine, process, id)
  }

  sweep(): void {
    for (const machine of this.#world.machines.values()) {
      if (machine.process !== undefined) this.#checkAll(machine, machine.process)
    }
  }

  #checkAll(machine: Machine, process: Process): void {
    for (const { id } of process.peers()) this.#check(machine, process, id)
  }

  #check(machine: Machine, process: Process, id: string): void {
    const peer = process.peer(id)
    const copy = peer === undefined ? undefined : process.copy(id)
    if (peer === undefined || copy === undefined) return
    const all = this.#last.get(process) ?? new Map<string, Last>()
    this.#last.set(process, all)
    const before = all.get(id)
    const now: Last = {
      triple: [copy.generation, copy.gcVersion, copy.maxVersionSeen],
      life: [peer.generation, peer.heartbeat],
    }
    all.set(id, now)
    if (before === undefined) return
    for (const part of ['triple', 'life'] as const) {
      if (!isBelow(now[part], before[part])) continue
      this.#report(machine.name, `${part} of ${id} went from (${before[part].join(', ')}) to (${now[part].join(', ')})`)
    }
  }
}

/** Whether a is below b in the order of their first difference. */
function isBelow(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((part, index) => part !== b[index])
  return at >= 0 && (a[at] as number) < (b[at] as number)
}
