/**
 * An exchange has three legs and at most four messages: a step-1 digest is answered by one step-2 digest without a claim
 * and by deltas at most once, a step-2 digest by deltas at most once, deltas by nothing. A claim is true: whom the sender
 * knows within it is listed.
 */

import type { EngineEvent, JsonValue, OutMessage } from '../../core/index.ts'
import type { Arrival } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { itemsIn, ownItemIn, type SeenItem } from './messages.ts'
import type { Sight } from './sight.ts'

/** An input, and what has been sent upon it. */
interface Turn {
  readonly machine: Machine
  /** `round`: no message. */
  readonly upon: 'step 1' | 'step 2' | 'deltas' | 'round'
  /** The own heartbeat of the digest that is answered. */
  readonly heartbeat: number
  isAnswerDue: boolean
  digests: number
  deltas: number
}

/** Looks at every message as it is sent, and at what it answers. */
export class ExchangeChecker implements Checker {
  readonly name = 'exchanges'
  readonly kind = 'safety'
  readonly #sight: Sight
  readonly #report: Report
  #turn: Turn | undefined
  #hasError = false
  /** The claim that was looked at last: a page goes to several peers. */
  #seen: unknown

  constructor(sight: Sight, report: Report) {
    this.#sight = sight
    this.#report = report
  }

  onEvents(_machine: Machine, events: readonly EngineEvent[]): void {
    this.#hasError ||= events.some(({ type }) => type === 'error')
  }

  /** Everything upon an input is sent before the next one. */
  onInput(machine: Machine, arrival: Arrival | undefined): void {
    this.sweep()
    this.#turn = machine.running.kind === 'engine' ? turnOf(machine, arrival, this.#hasError) : undefined
    this.#hasError = false
  }

  sweep(): void {
    const turn = this.#turn
    this.#turn = undefined
    if (turn?.isAnswerDue === true) this.#report(turn.machine.name, 'left a step-1 digest without a step-2 digest')
  }

  onSend(machine: Machine, message: OutMessage): void {
    const turn = this.#turn
    if (turn?.machine !== machine) return
    if (message.kind === 'deltas') {
      turn.deltas++
      const isDue = (turn.upon === 'step 1' || turn.upon === 'step 2') && turn.deltas === 1
      if (!isDue) this.#report(machine.name, `sent deltas upon ${turn.upon}, message ${turn.deltas}`)
      return
    }
    if (this.#sight.isBlind) return
    const own = ownItemIn(message.payload, machine.id)
    const problem =
      own === undefined
        ? 'without an own entry'
        : (digestProblem(turn, own) ?? this.#claimProblem(turn, own, message.payload))
    if (problem !== undefined) this.#report(machine.name, `sent a digest upon ${turn.upon} ${problem}`)
    turn.isAnswerDue = false
  }

  #claimProblem({ machine, upon }: Turn, own: SeenItem, payload: JsonValue): string | undefined {
    if (upon !== 'round' || this.#seen === payload) return undefined
    this.#seen = payload
    return claimProblem(machine, own, payload)
  }
}

function turnOf(machine: Machine, arrival: Arrival | undefined, hasError: boolean): Turn {
  const none = { machine, heartbeat: 0, isAnswerDue: false, digests: 0, deltas: 0 }
  if (arrival === undefined) return { ...none, upon: 'round' }
  if (arrival.kind === 'deltas') return { ...none, upon: 'deltas' }
  const own = ownItemIn(arrival.payload, arrival.sender.id)
  if (own?.step !== 1) return { ...none, upon: 'step 2' }
  const isAnswerDue = !hasError && !machine.running.isFrozen && arrival.sender.id !== machine.id
  return { ...none, upon: 'step 1', heartbeat: own.heartbeat, isAnswerDue }
}

function digestProblem(turn: Turn, own: SeenItem): string | undefined {
  turn.digests++
  if (turn.upon === 'round') return own.step === 1 ? undefined : 'with step 2'
  if (turn.upon !== 'step 1' || turn.digests > 1) return `with step ${own.step}, message ${turn.digests}`
  if (own.step !== 2 || own.claim !== undefined) return 'that is no step-2 digest'
  return own.answers === turn.heartbeat ? undefined : `that answers ${own.answers}, not ${turn.heartbeat}`
}

function claimProblem(machine: Machine, own: SeenItem, payload: JsonValue): string | undefined {
  const { from = null, to = null } = own.claim ?? {}
  if (own.claim === undefined) return 'without a claim'
  const listed = new Set(itemsIn(payload).map(({ id }) => id))
  for (const { id } of machine.running.peers()) {
    const isClaimed = (from === null || id >= from) && (to === null || id < to)
    if (isClaimed && !listed.has(id)) return `that claims ${from ?? ''} to ${to ?? ''} and does not list ${id}`
  }
  return undefined
}
