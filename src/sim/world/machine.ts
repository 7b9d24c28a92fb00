/** A machine: a place with an address, clocks and a disk, where one process of a node at a time may run. */

import type { JsonValue } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import { MachineClock } from './clock.ts'
import { Disk } from './disk.ts'

/** `new`: not yet started. `left`: it said goodbye and ended. */
export type MachineStatus = 'new' | 'up' | 'down' | 'left'

/** A message that has arrived, perhaps damaged on the way. */
export interface Incoming {
  readonly arrival: Arrival
  readonly isDamaged: boolean
}

/** What a machine is made with. */
export interface MachineFacts {
  /** Unique in the simulation. It differs from the id only for a second machine under one id. */
  readonly name: string
  /** The node's id. */
  readonly id: string
  readonly address: JsonValue
  readonly seeds: readonly JsonValue[]
  readonly isFirstGeneration: boolean
  readonly drift: number
}

/** Messages that wait while a machine stalls; beyond it the oldest go, as in a full socket buffer. */
const WAITING_MAX = 10_000

/** Mutable; changed only by the world. */
export class Machine {
  readonly name: string
  readonly id: string
  readonly address: JsonValue
  readonly seeds: readonly JsonValue[]
  readonly isFirstGeneration: boolean
  readonly clock: MachineClock
  readonly disk: Disk = new Disk()
  status: MachineStatus = 'new'
  /** Runs only while the machine is up. */
  process: Process | undefined
  /** How many processes ran here. */
  lives = 0
  isLeaving = false
  /** World time; the machine does nothing before. */
  stalledUntil = 0
  /** World time for which a wake-up is armed. */
  wakeAt: number = Number.POSITIVE_INFINITY
  #lastLocal = 0
  #waiting: Incoming[] = []

  constructor(facts: MachineFacts) {
    this.name = facts.name
    this.id = facts.id
    this.address = facts.address
    this.seeds = facts.seeds
    this.isFirstGeneration = facts.isFirstGeneration
    this.clock = new MachineClock(facts.drift)
  }

  /** The running process. Throws when there is none: ask `status` first. */
  get running(): Process {
    if (this.process === undefined) throw new Error(`${this.name} is not up`)
    return this.process
  }

  /**
   * The process's time at a moment of the world: never before what it showed already, nor before the deadline it is
   * woken for, whatever rounding says.
   */
  localNow(worldNow: number, atLeast: number = 0): number {
    this.#lastLocal = Math.max(this.#lastLocal, this.clock.local(worldNow), atLeast)
    return this.#lastLocal
  }

  /** A process begins or ends: clocks start anew, nothing waits. */
  reset(worldNow: number): void {
    this.clock.restart(worldNow)
    this.#lastLocal = 0
    this.#waiting = []
    this.stalledUntil = 0
    this.isLeaving = false
    this.wakeAt = Number.POSITIVE_INFINITY
  }

  /** Keeps a message until the stall ends. */
  keepWaiting(incoming: Incoming): void {
    this.#waiting.push(incoming)
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
  }

  takeWaiting(): readonly Incoming[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
