/**
 * A damaged message is refused with an error and does nothing else; a whole one is never refused, but for deltas of a
 * sender that has not introduced itself yet.
 */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Errors that only a message in a wrong shape, of another protocol or of another cluster may cause. */
const REFUSALS = ['GOSSIP_MESSAGE_MALFORMED', 'GOSSIP_CLUSTER_FOREIGN', 'GOSSIP_PROTOCOL_UNSUPPORTED']

/** Looks at the events after each message. */
export class DamageChecker implements Checker {
  readonly name = 'damage'
  readonly kind = 'safety'
  readonly #report: Report
  /** The machine whose next input is damaged, and what it told since. */
  #damaged: { readonly machine: Machine; readonly told: string[] } | undefined

  /** Codes of errors told since the last input. */
  #codes: string[] = []
  /** Whose digests a process has taken in. */
  readonly #introduced = new WeakMap<Process, Set<string>>()

  constructor(report: Report) {
    this.#report = report
  }

  onDamaged(machine: Machine): void {
    this.#damaged = { machine, told: [] }
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === 'error' && 'code' in event.error) this.#codes.push(String(event.error.code))
    }
    if (this.#damaged?.machine === machine) this.#damaged.told.push(...events.map((event) => event.type))
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const damaged = this.#damaged
    const codes = this.#codes
    this.#codes = []
    if (arrival === undefined) return
    if (damaged?.machine !== machine) {
      this.#checkWhole(machine, arrival, codes)
      return
    }
    this.#damaged = undefined
    if (machine.running.kind !== 'engine' || machine.running.isFrozen) return
    // A lease that lapsed meanwhile is told by any input.
    const other = damaged.told.filter((type) => type !== 'error' && type !== 'delete')
    if (!damaged.told.includes('error')) {
      this.#report(machine.name, `took in damaged ${arrival.kind} without an error: ${JSON.stringify(arrival.payload)}`)
    } else if (other.length > 0) this.#report(machine.name, `damaged ${arrival.kind} also caused ${other.join(', ')}`)
  }
  #checkWhole(machine: Machine, { kind, sender }: Arrival, codes: readonly string[]): void {
    const { running } = machine
    if (running.kind !== 'engine') return
    const introduced = this.#introduced.get(running) ?? new Set<string>()
    this.#introduced.set(running, introduced)
    const isStranger = codes.includes('GOSSIP_SENDER_UNKNOWN')
    const refusal = codes.find((code) => REFUSALS.includes(code))
    if (refusal !== undefined) this.#report(machine.name, `refused whole ${kind} of ${sender.id} with ${refusal}`)
    else if (kind === 'digest') introduced.add(sender.id)
    else if (isStranger && introduced.has(sender.id)) {
      this.#report(machine.name, `refused deltas of ${sender.id}, whose digest it has taken in`)
    }
  }
}
