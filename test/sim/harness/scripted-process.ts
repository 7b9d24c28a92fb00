/** A process that does nothing but what a test scripts: the liar that checkers have to see through. */

import type { EngineEvent, JsonValue, OutMessage, PeerStatus } from '../../../src/core/index.ts'
import type { Arrival, Copy, PeerFacts, Process, ProcessKind, RemovalFacts } from '../../../src/sim/process/index.ts'
import { ScriptedMap } from './scripted-map.ts'

/** What the process knows of one peer. */
export class ScriptedPeer implements PeerFacts {
  readonly id: string
  readonly map: ScriptedMap = new ScriptedMap()
  status: PeerStatus = 'live'
  heartbeat = 1

  constructor(id: string) {
    this.id = id
  }

  get generation(): number {
    return this.map.generation
  }
}

/** Its next input runs `script`, once; what it tells and sends is put into `events` and `messages`. */
export class ScriptedProcess implements Process {
  kind: ProcessKind = 'engine'
  readonly id: string
  readonly map: ScriptedMap = new ScriptedMap()
  readonly known: Map<string, ScriptedPeer> = new Map()
  /** Whose removal records have expired. */
  readonly forgotten: Set<string> = new Set()
  deadline: number = Number.POSITIVE_INFINITY
  isFrozen = false
  script: (() => void) | undefined
  events: EngineEvent[] = []
  messages: OutMessage[] = []

  constructor(id: string, generation: number) {
    this.id = id
    this.map.become({ generation, gcVersion: 1, maxVersionSeen: 1 })
  }

  get generation(): number {
    return this.map.generation
  }

  /** What it knows of a peer; the peer becomes known by being asked for. */
  of(id: string): ScriptedPeer {
    const present = this.known.get(id)
    if (present !== undefined) return present
    const peer = new ScriptedPeer(id)
    this.known.set(id, peer)
    return peer
  }

  tell(...events: readonly EngineEvent[]): void {
    this.events.push(...events)
  }

  start(): void {}
  tick(): void {
    this.#act()
  }
  receive(_message: Arrival): void {
    this.#act()
  }
  set(_key: string, _value: JsonValue): boolean {
    this.#act()
    return true
  }
  delete(): boolean {
    this.#act()
    return true
  }
  leave(): void {}
  end(): void {}

  takeWritten(): boolean {
    return false
  }

  takeMessages(): readonly OutMessage[] {
    return this.messages.splice(0)
  }
  takeEvents(): readonly EngineEvent[] {
    return this.events.splice(0)
  }
  own(): Copy {
    return this.map.view()
  }
  peers(): Iterable<PeerFacts> {
    return this.known.values()
  }
  peer(id: string): PeerFacts | undefined {
    return this.known.get(id)
  }
  removal(id: string): RemovalFacts | undefined {
    return this.forgotten.has(id) ? undefined : { generation: 0, heartbeat: 0 }
  }
  copy(id: string): Copy | undefined {
    return this.known.get(id)?.map.view()
  }

  #act(): void {
    const { script } = this
    this.script = undefined
    script?.()
  }
}
