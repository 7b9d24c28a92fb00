/**
 * A heartbeat rises once a round of its own node and by nothing else, and nobody knows of one that was never beaten: not
 * in that generation.
 */

import type { OutMessage } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { itemsIn, ownItemIn } from './messages.ts'

/** The heartbeat of a peer that said goodbye. */
const LEFT_HEARTBEAT = Number.MAX_SAFE_INTEGER

/** What a process last said of its own heart, and how often it may have beaten since. */
interface Pulse {
  heartbeat: number
  turns: number
}

/** Looks at own entries as they are sent, and at peers that a digest speaks of. */
export class HeartbeatChecker implements Checker {
  readonly name = 'heartbeats'
  readonly kind = 'safety'
  readonly #report: Report
  readonly #pulses = new WeakMap<Process, Pulse>()
  /** The highest heartbeat ever sent, by id and generation. */
  readonly #highest = new Map<string, Map<number, number>>()

  constructor(report: Report) {
    this.#report = report
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const { running } = machine
    if (running.kind !== 'engine') return
    if (arrival === undefined) this.#pulse(running).turns++
    else if (arrival.kind === 'digest') for (const { id } of itemsIn(arrival.payload)) this.#checkKnown(machine, id)
  }

  onSend(machine: Machine, message: OutMessage): void {
    if (message.kind !== 'digest' || machine.running.kind !== 'engine') return
    // A digest that is handed over as it is would be written as JSON for nothing.
    const own = message.body?.own ?? ownItemIn(message.payload, machine.id)
    if (own === undefined) return
    const pulse = this.#pulse(machine.running)
    const risen = own.heartbeat - pulse.heartbeat
    if (own.heartbeat !== LEFT_HEARTBEAT && risen > pulse.turns) {
      this.#report(machine.name, `has a heartbeat of ${own.heartbeat}, ${risen} more within ${pulse.turns} rounds`)
    }
    if (risen < 0) this.#report(machine.name, `has a heartbeat of ${own.heartbeat}, and had ${pulse.heartbeat}`)
    pulse.heartbeat = own.heartbeat
    pulse.turns = 0
    this.#raise(machine.id, own.generation ?? 0, own.heartbeat)
  }

  #checkKnown(machine: Machine, id: string): void {
    const peer = machine.running.peer(id)
    if (peer === undefined) return
    const highest = this.#highest.get(id)?.get(peer.generation) ?? 0
    if (peer.heartbeat <= highest) return
    const life = `generation ${peer.generation} of ${id}`
    this.#report(machine.name, `knows of heartbeat ${peer.heartbeat} in ${life}, which has come to ${highest}`)
  }

  #pulse(process: Process): Pulse {
    const pulse = this.#pulses.get(process) ?? { heartbeat: 0, turns: 0 }
    this.#pulses.set(process, pulse)
    return pulse
  }

  #raise(id: string, generation: number, heartbeat: number): void {
    const lives = this.#highest.get(id) ?? new Map<number, number>()
    this.#highest.set(id, lives.set(generation, Math.max(lives.get(generation) ?? 0, heartbeat)))
  }
}
