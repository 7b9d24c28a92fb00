/**
 * What is gone stays gone: a key that a reader was told of is never told again in an earlier version, deletions and lapsed
 * leases included; a removed peer comes back only with a higher (generation, heartbeat).
 */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival, Process, RemovalFacts } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'

interface Told {
  readonly generation: number
  readonly version: number
}

/** What one process was told. */
interface Memory {
  readonly keys: Map<string, Map<string, Told>>
  /** Removed peers whose record is kept, and what they must exceed to come back. */
  readonly removed: Map<string, RemovalFacts>
}

/** Looks at every event. */
export class ResurrectionChecker implements Checker {
  readonly name = 'resurrection'
  readonly kind = 'safety'
  readonly #world: World
  readonly #report: Report
  readonly #memories = new WeakMap<Process, Memory>()

  constructor(world: World, report: Report) {
    this.#world = world
    this.#report = report
  }

  onEvents(machine: Machine, events: readonly EngineEvent[]): void {
    const memory = this.#memory(machine.running)
    for (const event of events) {
      if (event.type === 'update') this.#onUpdate(machine, memory, event.peerId, event.key)
      else if (event.type === 'delete') this.#onDelete(machine, memory, event.peerId, event.key)
      else if (event.type === 'new peer') this.#onNewPeer(machine, memory, event.peerId)
      else if (event.type === 'peer removed') {
        const record = machine.running.removal(event.peerId)
        if (record !== undefined) memory.removed.set(event.peerId, record)
        memory.keys.delete(event.peerId)
      }
    }
  }

  /** Records expire in rounds; whoever was forgotten may come back as if he had never been known. */
  onInput(machine: Machine, arrival: Arrival | undefined): void {
    if (arrival !== undefined) return
    const { removed } = this.#memory(machine.running)
    for (const id of [...removed.keys()]) if (machine.running.removal(id) === undefined) removed.delete(id)
  }

  #onUpdate(machine: Machine, memory: Memory, id: string, key: string): void {
    if (id === machine.id) return
    const copy = machine.running.copy(id)
    const entry = copy?.read(key, machine.localNow(this.#world.now))
    if (copy === undefined || entry?.version === undefined) return
    const told = { generation: copy.generation, version: entry.version }
    const before = memory.keys.get(id)?.get(key)
    if (before !== undefined && isBelow(told, before)) {
      const was = `(${before.generation}, ${before.version})`
      this.#report(
        machine.name,
        `was told of ${id}.${key} as of ${was}, and again as of (${told.generation}, ${told.version})`,
      )
    }
    remember(memory, id, key, told)
  }

  /** What is absent at `maxVersionSeen` can only come back with a higher version. */
  #onDelete(machine: Machine, memory: Memory, id: string, key: string): void {
    const copy = id === machine.id ? undefined : machine.running.copy(id)
    if (copy === undefined || copy.isStale || copy.held(0) === undefined) return
    remember(memory, id, key, { generation: copy.generation, version: copy.maxVersionSeen + 1 })
  }

  #onNewPeer(machine: Machine, memory: Memory, id: string): void {
    const record = memory.removed.get(id)
    const peer = machine.running.peer(id)
    memory.removed.delete(id)
    if (record === undefined || peer === undefined) return
    const { generation, heartbeat } = peer
    if (generation > record.generation) return
    if (generation === record.generation && heartbeat > record.heartbeat) return
    const was = `(${record.generation}, ${record.heartbeat})`
    this.#report(
      machine.name,
      `removed ${id} at (generation, heartbeat) ${was}, and has it again at (${generation}, ${heartbeat})`,
    )
  }

  #memory(process: Process): Memory {
    const present = this.#memories.get(process)
    if (present !== undefined) return present
    const memory: Memory = { keys: new Map(), removed: new Map() }
    this.#memories.set(process, memory)
    return memory
  }
}

function remember(memory: Memory, id: string, key: string, told: Told): void {
  const keys = memory.keys.get(id) ?? new Map<string, Told>()
  memory.keys.set(id, keys.set(key, told))
}

function isBelow(a: Told, b: Told): boolean {
  return a.generation < b.generation || (a.generation === b.generation && a.version < b.version)
}
