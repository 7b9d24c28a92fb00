/** A whole message is never refused, but for deltas of a sender that has not introduced itself yet. */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

/** Errors that only a message in a wrong shape, of another protocol or of another cluster may cause. */
const REFUSALS = ['GOSSIP_MESSAGE_MALFORMED', 'GOSSIP_CLUSTER_FOREIGN', 'GOSSIP_PROTOCOL_UNSUPPORTED']

/** Looks at the errors that each whole message causes. */
export class RefusalChecker implements Checker {
  readonly name = 'refusals'
  readonly kind = 'safety'
  readonly #report: Report
  /** The machine whose next input is damaged. */
  #damaged: Machine | undefined
  /** Codes of errors told since the last input. */
  #codes: string[] = []
  /** Whose digests a process has taken in. */
  readonly #introduced = new WeakMap<Process, Set<string>>()

  constructor(report: Report) {
    this.#report = report
  }

  onDamaged(machine: Machine): void {
    this.#damaged = machine
  }

  onEvents(_machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === 'error' && 'code' in event.error) this.#codes.push(String(event.error.code))
    }
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const codes = this.#codes
    this.#codes = []
    if (arrival === undefined) return
    const isDamaged = this.#damaged === machine
    this.#damaged = undefined
    if (!isDamaged && machine.running.kind === 'engine') this.#check(machine, arrival, codes)
  }

  #check(machine: Machine, { kind, sender }: Arrival, codes: readonly string[]): void {
    const introduced = this.#introduced.get(machine.running) ?? new Set<string>()
    this.#introduced.set(machine.running, introduced)
    const isStranger = codes.includes('GOSSIP_SENDER_UNKNOWN')
    const refusal = codes.find((code) => REFUSALS.includes(code))
    if (refusal !== undefined) this.#report(machine.name, `refused whole ${kind} of ${sender.id} with ${refusal}`)
    else if (kind === 'digest') introduced.add(sender.id)
    else if (isStranger && introduced.has(sender.id)) {
      this.#report(machine.name, `refused deltas of ${sender.id}, whose digest it has taken in`)
    }
  }
}
