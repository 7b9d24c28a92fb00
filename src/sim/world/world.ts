/**
 * A cluster in virtual time: machines, the network between them, and one queue of what is still to happen. It does what
 * it is told and judges nothing; observers look on. Nothing in it touches a real clock or real chance.
 */

import { type EngineEvent, type JsonValue, nextGeneration, type OutMessage, type SenderRef } from '../../core/index.ts'
import type { Arrival, Process, ProcessSetup } from '../process/index.ts'
import type { RandomStreams } from '../random-streams.ts'
import type { DiskFate } from './disk.ts'
import { EventQueue } from './event-queue.ts'
import { type Incoming, Machine, type MachineFacts } from './machine.ts'
import type { Network } from './network.ts'
import type { EndCause, Observer } from './observer.ts'
import type { Trace } from './trace.ts'

/** What a world is made of. */
export interface WorldSetup {
  readonly network: Network
  readonly trace: Trace
  readonly streams: RandomStreams
  readonly createProcess: (machine: Machine, setup: ProcessSetup) => Process
  /** How long a node that leaves waits for others to take note, ms. */
  readonly leaveMs: number
}

/** See the head of this file. Times are ms of virtual time. */
export class World {
  now = 0
  readonly network: Network
  readonly trace: Trace
  readonly machines: Map<string, Machine> = new Map()
  readonly observers: Observer[] = []
  readonly #setup: WorldSetup
  readonly #queue = new EventQueue()
  readonly #addresses = new Map<string, Machine>()

  constructor(setup: WorldSetup) {
    this.#setup = setup
    this.network = setup.network
    this.trace = setup.trace
  }

  /** Puts a machine in its place; nothing runs on it yet. */
  add(facts: MachineFacts): Machine {
    const machine = new Machine(facts)
    this.machines.set(machine.name, machine)
    this.#addresses.set(addressKey(machine.address), machine)
    return machine
  }

  /** Starts a process with what the disk says. */
  start(machine: Machine): void {
    const { disk, clock } = machine
    machine.lives++
    machine.reset(this.now)
    const random = this.#setup.streams.stream(`process ${machine.name} ${machine.lives}`)
    const stored = Math.max(disk.generation, clock.wallClockMs(this.now) * 1_024)
    const process = this.#setup.createProcess(machine, {
      id: machine.id,
      address: machine.address,
      seeds: machine.seeds,
      generation: nextGeneration(stored, random),
      random,
      messageBytesMax: this.network.declaredBytesMax,
      wallClockMs: () => clock.wallClockMs(this.now),
    })
    machine.process = process
    machine.status = 'up'
    this.trace.write({ at: this.now, what: 'start', node: machine.name, generation: process.generation })
    for (const [key, value] of disk.entries()) process.set(key, value, undefined, 0)
    process.start(machine.localNow(this.now))
    for (const observer of this.observers) observer.onStart?.(machine, this.now)
    this.#drain(machine, undefined, true)
  }

  /** Ends a process without a word. */
  crash(machine: Machine, fate: DiskFate, random: () => number): void {
    machine.disk.crash(fate, random)
    this.#end(machine, 'crash')
  }

  /** Lets a process say goodbye; it ends when others have taken note, or after a while. */
  leave(machine: Machine): void {
    const { lives } = machine
    machine.isLeaving = true
    this.trace.write({ at: this.now, what: 'leave', node: machine.name })
    this.at(this.now + this.#setup.leaveMs, () => {
      if (machine.isLeaving && machine.lives === lives) this.#end(machine, 'leave')
    })
    machine.running.leave(machine.localNow(this.now))
    this.#drain(machine, undefined)
  }

  /** A machine does nothing for a time; what arrives waits. */
  stall(machine: Machine, ms: number): void {
    const until = Math.max(machine.stalledUntil, this.now + ms)
    machine.stalledUntil = until
    this.disturb('stall', [machine.name], { ms })
    this.at(until, () => {
      if (machine.stalledUntil === until) this.#wakeUp(machine)
    })
  }

  /** Ends a stall before its time; one that does not stall is left alone. */
  wake(machine: Machine): void {
    if (this.now < machine.stalledUntil) this.#wakeUp(machine)
  }

  set(machine: Machine, key: string, value: JsonValue, ttlMs?: number): boolean {
    const isNew = machine.running.set(key, value, ttlMs, machine.localNow(this.now))
    this.trace.write({ at: this.now, what: 'set', node: machine.name, key, value })
    // A lease does not outlive its process.
    if (ttlMs === undefined) machine.disk.writeEntry(key, value)
    else machine.disk.deleteEntry(key)
    this.#drain(machine, undefined, true)
    return isNew
  }

  delete(machine: Machine, key: string): boolean {
    const wasThere = machine.running.delete(key, machine.localNow(this.now))
    this.trace.write({ at: this.now, what: 'delete', node: machine.name, key })
    machine.disk.deleteEntry(key)
    this.#drain(machine, undefined, true)
    return wasThere
  }

  /** Tells observers of a disturbance, and writes it down. */
  disturb(what: string, machines: readonly string[], facts: Readonly<Record<string, JsonValue>> = {}): void {
    this.trace.write({ at: this.now, what, nodes: machines, ...facts })
    for (const observer of this.observers) observer.onDisturbance?.({ what, machines }, this.now)
  }

  /** Does something at a time of the world. */
  at(time: number, run: () => void): void {
    this.#queue.add(time, run)
  }

  /** Lets time pass, with everything that falls due. */
  run(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const { nextAt } = this.#queue
      if (nextAt > until) break
      this.now = Math.max(this.now, nextAt)
      this.#queue.poll()?.()
    }
    this.now = until
  }

  #end(machine: Machine, cause: EndCause): void {
    machine.process?.end()
    machine.process = undefined
    machine.status = cause === 'leave' ? 'left' : 'down'
    machine.reset(this.now)
    this.trace.write({ at: this.now, what: cause, node: machine.name })
    for (const observer of this.observers) observer.onEnd?.(machine, cause, this.now)
  }

  /** On waking the timer fires before the sockets are read, as in Node. */
  #wakeUp(machine: Machine): void {
    machine.stalledUntil = 0
    this.disturb('woken', [machine.name])
    this.#tick(machine)
    for (const incoming of machine.takeWaiting()) if (machine.status === 'up') this.#takeIn(machine, incoming)
  }

  #tick(machine: Machine): void {
    const { process, clock } = machine
    if (process === undefined) return
    const { deadline } = process
    // What was armed for a deadline is due, whatever rounding made of it on the way to world time and back.
    const isDue = clock.world(deadline) <= this.now
    process.tick(machine.localNow(this.now, isDue ? deadline : 0))
    this.#drain(machine, undefined)
  }

  #arm(machine: Machine): void {
    if (machine.process === undefined) return
    const at = Math.max(this.now, machine.clock.world(machine.process.deadline))
    if (at >= machine.wakeAt) return
    machine.wakeAt = at
    const { lives } = machine
    this.at(at, () => {
      if (machine.lives !== lives || machine.wakeAt !== at || machine.process === undefined) return
      machine.wakeAt = Number.POSITIVE_INFINITY
      if (this.now >= machine.stalledUntil) this.#tick(machine)
    })
  }

  /** Tells and sends what a process left behind, and arms its timer. */
  #drain(machine: Machine, arrival: Arrival | undefined, hasWritten: boolean = false): void {
    const { running } = machine
    const events = running.takeEvents()
    const isOwn = (event: EngineEvent): boolean =>
      event.type === 'generation' ||
      ((event.type === 'update' || event.type === 'delete') && event.peerId === running.id)
    if (running.takeWritten() || hasWritten || events.some(isOwn)) {
      // Before the first message carries it.
      if (running.generation > machine.disk.generation) machine.disk.writeGeneration(running.generation)
      for (const observer of this.observers) observer.onWrite?.(machine, this.now)
    }
    if (events.length > 0) this.#tell(machine, events)
    for (const observer of this.observers) observer.onInput?.(machine, arrival, this.now)
    for (const message of running.takeMessages()) this.#send(machine, message)
    if (machine.isLeaving && events.some((event) => event.type === 'leave taken')) this.#end(machine, 'leave')
    else this.#arm(machine)
  }

  #tell(machine: Machine, events: readonly EngineEvent[]): void {
    for (const event of events) this.trace.write({ at: this.now, what: 'event', node: machine.name, ...shown(event) })
    for (const observer of this.observers) observer.onEvents?.(machine, events, this.now)
  }

  #send(machine: Machine, message: OutMessage): void {
    const { network, now } = this
    const { kind, to } = message
    const address = addressKey(to.transport)
    const target = this.#addresses.get(address)?.name ?? address
    const bytes = network.measure(message)
    const fate = network.judge(kind, machine.name, target, bytes)
    this.trace.write({ at: now, what: fate, kind, from: machine.name, to: target, bytes })
    for (const observer of this.observers) observer.onSend?.(machine, message, bytes, now)
    if (fate !== 'sent') return
    const sender = { id: machine.id, transport: machine.address }
    for (const { delayMs, content, isDamaged } of network.deliveries(message)) {
      const incoming = { arrival: arrivalOf(kind, sender, content), isDamaged }
      this.at(now + delayMs, () => this.#arrive(address, incoming))
    }
  }

  #arrive(address: string, incoming: Incoming): void {
    const machine = this.#addresses.get(address)
    if (machine?.status !== 'up') this.network.stats.unreachable++
    else if (this.now < machine.stalledUntil) machine.keepWaiting(incoming)
    else this.#takeIn(machine, incoming)
  }

  #takeIn(machine: Machine, { arrival, isDamaged }: Incoming): void {
    this.network.stats.delivered++
    const { kind, sender } = arrival
    this.trace.write({ at: this.now, what: 'arrived', kind, from: sender.id, to: machine.name })
    if (isDamaged) for (const observer of this.observers) observer.onDamaged?.(machine, this.now)
    machine.running.receive(arrival, machine.localNow(this.now))
    this.#drain(machine, arrival)
  }
}

/** The payload of a digest that is handed over as it is is never made. */
function arrivalOf(kind: Arrival['kind'], sender: SenderRef, content: Pick<OutMessage, 'payload' | 'body'>): Arrival {
  const { body } = content
  return body === undefined ? { kind, sender, payload: content.payload } : { kind, sender, payload: null, body }
}

function addressKey(address: JsonValue): string {
  return typeof address === 'string' ? address : JSON.stringify(address)
}

/** An event as a record of the trace: errors by their code, for their texts may change. */
function shown(event: EngineEvent): Readonly<Record<string, JsonValue>> {
  if (event.type === 'error' || event.type === 'conflict') {
    const code = 'code' in event.error ? String(event.error.code) : event.error.name
    return { type: event.type, code }
  }
  return { ...event } as Readonly<Record<string, JsonValue>>
}
