/**
 * Nobody is alive by hearsay: a peer is called live only after its (generation, heartbeat) has risen strictly since it was
 * first heard, and not upon the word of somebody who holds it dead. It has left exactly when its last heartbeat says so.
 */

import type { EngineEvent } from '../../core/index.ts'
import type { Arrival, PeerFacts, Process } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { itemsIn, type SeenItem } from './messages.ts'
import type { Sight } from './sight.ts'
import { touchedBy } from './touched.ts'

/** The heartbeat of a peer that said goodbye. */
const LEFT_HEARTBEAT = Number.MAX_SAFE_INTEGER

type Known = Pick<PeerFacts, 'status' | 'generation' | 'heartbeat'>

/** Looks at every event of a peer's life, and at what brought it, where digests travel as JSON. */
export class ProofChecker implements Checker {
  readonly name = 'proofs'
  readonly kind = 'safety'
  readonly #sight: Sight
  readonly #report: Report
  readonly #known = new WeakMap<Process, Map<string, Known>>()
  #events: readonly EngineEvent[] = []

  constructor(sight: Sight, report: Report) {
    this.#sight = sight
    this.#report = report
  }

  onEvents(_machine: Machine, events: readonly EngineEvent[]): void {
    this.#events = events
  }

  onInput(machine: Machine, arrival: Arrival | undefined): void {
    const events = this.#events
    this.#events = []
    const { running } = machine
    if (this.#sight.isBlind || running.kind !== 'engine') return
    const known = this.#known.get(running) ?? new Map<string, Known>()
    this.#known.set(running, known)
    const items = arrival?.kind === 'digest' ? itemsIn(arrival.payload) : []
    const ids = new Set([...items.map(({ id }) => id), ...touchedBy(arrival)])
    for (const event of events) {
      if (!('peerId' in event) || event.type === 'update' || event.type === 'delete') continue
      ids.add(event.peerId)
      const item = items.find(({ id }) => id === event.peerId)
      const problem = problemOf(event, known.get(event.peerId), running.peer(event.peerId), item)
      if (problem !== undefined) this.#report(machine.name, `${event.type} of ${event.peerId}: ${problem}`)
    }
    for (const id of ids) this.#note(machine, known, id)
  }

  #note(machine: Machine, known: Map<string, Known>, id: string): void {
    const peer = machine.running.peer(id)
    if (peer === undefined) {
      known.delete(id)
      return
    }
    const { status, generation, heartbeat } = peer
    if (id === machine.id) this.#report(machine.name, 'holds itself for a peer')
    if ((heartbeat === LEFT_HEARTBEAT) !== (status === 'left')) {
      this.#report(machine.name, `holds ${id} ${status} at heartbeat ${heartbeat}`)
    }
    known.set(id, { status, generation, heartbeat })
  }
}

function problemOf(
  { type }: EngineEvent,
  before: Known | undefined,
  now: Known | undefined,
  item: SeenItem | undefined,
): string | undefined {
  if (type === 'new peer' && item?.silentMs !== undefined) {
    const isGone = now === undefined || now.status === 'dead' || now.status === 'left'
    return isGone ? undefined : `it is ${now.status}, though it came by somebody who holds it dead`
  }
  if (type !== 'peer live' || now === undefined) return undefined
  if (item?.silentMs !== undefined) return 'it was told by somebody who holds it dead'
  if (before === undefined) return 'it was not known before'
  if (before.status === 'unproven' && before.heartbeat === 0) return 'this is the first heartbeat heard of it'
  const hasRisen = now.generation > before.generation || now.heartbeat > before.heartbeat
  return hasRisen ? undefined : `its heartbeat has not risen above ${before.heartbeat}`
}
