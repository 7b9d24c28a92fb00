/**
 * What is gone stays gone: a key that a reader was told of is never told again in an earlier version, deletions and lapsed
 * leases included; what is told is what can be read; a removed peer comes back only with a higher (generation,
 * heartbeat).
 */

import { deepEqual, type EngineEvent, type JsonValue } from '../../core/index.ts'
import type { Arrival, Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { namedBy } from './touched.ts'

interface Told {
  readonly generation: number
  readonly version: number
}

/** What one process was told. */
interface Memory {
  readonly keys: Map<string, Map<string, Told>>
  /** (generation, heartbeat) of peers when they were last seen. */
  readonly lives: Map<string, Told>
  /** The same of removed peers: what they must exceed to come back. */
  readonly removed: Map<string, Told>
}

/** The heartbeat of a peer that is known by deltas alone; hearts begin at 1. */
const UNHEARD = 0

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
    for (const [id, key, value] of lastTold(events)) {
      this.#compare(machine, id, key, value)
      if (value === undefined) this.#onDelete(machine, memory, id, key)
      else this.#onUpdate(machine, memory, id, key)
    }
    for (const event of events) {
      if (event.type === 'new peer') this.#onReturn(machine, memory, event.peerId)
      else if (event.type === 'peer removed') onRemoval(memory, event.peerId)
    }
  }

  /** How far the lives have come of which a message spoke, and in each round everybody's. */
  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const { running: process } = machine
    const memory = this.#memory(process)
    if (arrival === undefined) forgetExpired(memory, process)
    const peers = arrival === undefined ? process.peers() : namedBy(arrival).flatMap((id) => process.peer(id) ?? [])
    for (const { id, generation, heartbeat } of peers) {
      if (memory.removed.has(id)) this.#onReturn(machine, memory, id)
      memory.lives.set(id, { generation, version: heartbeat })
    }
  }

  /** A value that was told last of a key, undefined for a deletion, is what a reader finds. */
  #compare(machine: Machine, id: string, key: string, told: JsonValue | undefined): void {
    const process = machine.running
    const copy = id === machine.id ? process.own() : process.copy(id)
    if (copy === undefined || process.kind === 'first generation') return
    const read = copy.read(key, machine.localNow(this.#world.now))?.value
    if (read === undefined || told === undefined ? read === told : deepEqual(read, told)) return
    const [was, is] = [told, read].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)))
    this.#report(machine.name, `was told that ${id}.${key} is ${was}, and reads ${is}`)
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

  #onReturn(machine: Machine, memory: Memory, id: string): void {
    const before = memory.removed.get(id)
    const peer = machine.running.peer(id)
    if (before === undefined || peer === undefined) return
    const now = { generation: peer.generation, version: peer.heartbeat }
    // Deltas may bring it back before any digest does, and say nothing of its heart: the verdict waits for the digest.
    if (now.generation === before.generation && now.version === UNHEARD) return
    memory.removed.delete(id)
    if (isBelow(before, now)) return
    const [was, is] = [before, now].map(({ generation, version }) => `(${generation}, ${version})`)
    this.#report(machine.name, `removed ${id} at (generation, heartbeat) ${was} or later, and has it again at ${is}`)
  }

  #memory(process: Process): Memory {
    const present = this.#memories.get(process)
    if (present !== undefined) return present
    const memory: Memory = { keys: new Map(), lives: new Map(), removed: new Map() }
    this.#memories.set(process, memory)
    return memory
  }
}

/** Once the record of a removal has expired, whoever it was about may come back as if he had never been known. */
function forgetExpired(memory: Memory, process: Process): void {
  for (const id of [...memory.removed.keys()]) {
    if (process.removal(id) === undefined && process.peer(id) === undefined) memory.removed.delete(id)
  }
}

/** What it must exceed: what was seen of it last, or before an earlier removal. */
function onRemoval(memory: Memory, id: string): void {
  memory.keys.delete(id)
  const [seen, before] = [memory.lives.get(id), memory.removed.get(id)]
  if (seen !== undefined && (before === undefined || isBelow(before, seen))) memory.removed.set(id, seen)
}

/**
 * The last word of a batch on each key: the copy shows nothing of what was before it. A lease may lapse and its key come
 * again in one batch.
 */
function lastTold(events: readonly EngineEvent[]): Iterable<readonly [string, string, JsonValue | undefined]> {
  const last = new Map<string, readonly [string, string, JsonValue | undefined]>()
  for (const event of events) {
    if (event.type !== 'update' && event.type !== 'delete') continue
    const value = event.type === 'update' ? event.value : undefined
    last.set(JSON.stringify([event.peerId, event.key]), [event.peerId, event.key, value])
  }
  return last.values()
}

function remember(memory: Memory, id: string, key: string, told: Told): void {
  const keys = memory.keys.get(id) ?? new Map<string, Told>()
  memory.keys.set(id, keys.set(key, told))
}

function isBelow(a: Told, b: Told): boolean {
  return a.generation < b.generation || (a.generation === b.generation && a.version < b.version)
}
