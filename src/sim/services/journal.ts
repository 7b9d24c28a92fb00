/**
 * What a run of services comes to: the record of what happened, the promises that were broken, the figures, and what
 * somebody still waits for.
 */

import type { JsonValue } from '../../core/index.ts'
import type { Violation, ViolationKind } from '../checkers/index.ts'
import { Trace, type TraceSink } from '../world/index.ts'
import type { VirtualTime } from './virtual-time.ts'

/** How often what happened. */
export type ServiceFigures = Readonly<Record<ServiceFigure, number>>

/** What is counted. */
export type ServiceFigure =
  | 'answered'
  | 'failed'
  | 'cancelled'
  | 'heard'
  | 'called'
  | 'wholeStreams'
  | 'brokenStreams'
  | 'pairs'
  | 'lostPairs'
  | 'sessions'
  | 'lostSessions'
  | 'memberChanges'

const NO_FIGURES: ServiceFigures = Object.freeze({
  answered: 0,
  failed: 0,
  cancelled: 0,
  heard: 0,
  called: 0,
  wholeStreams: 0,
  brokenStreams: 0,
  pairs: 0,
  lostPairs: 0,
  sessions: 0,
  lostSessions: 0,
  memberChanges: 0,
})

/** Violations that are kept; the first says most. */
const VIOLATIONS_MAX = 20

/** Mutable; one for each run. */
export class Journal {
  readonly time: VirtualTime
  readonly trace: Trace
  readonly violations: Violation[] = []
  readonly #figures: { -readonly [name in ServiceFigure]: number } = { ...NO_FIGURES }
  readonly #awaited = new Map<object, { readonly node: string; readonly what: string }>()

  constructor(time: VirtualTime, sink?: TraceSink) {
    this.time = time
    this.trace = new Trace(sink)
  }

  get figures(): ServiceFigures {
    return { ...this.#figures }
  }

  count(figure: ServiceFigure): void {
    this.#figures[figure]++
  }

  /** Records what happened. */
  note(node: string, what: string, facts: Readonly<Record<string, JsonValue | undefined>> = {}): void {
    this.trace.write({ at: this.time.now, what, node, ...facts })
  }

  /** A promise of the engine is broken. */
  object(checker: string, node: string, problem: string, kind: ViolationKind = 'safety'): void {
    this.note(node, 'violation', { checker, problem })
    if (this.violations.length < VIOLATIONS_MAX) {
      this.violations.push({ checker, kind, at: this.time.now, node, problem })
    }
  }

  /** Somebody waits for this: it must come to an end, whichever. */
  follow(node: string, what: string, work: Promise<unknown>): void {
    const token = {}
    this.#awaited.set(token, { node, what })
    const over = (): void => void this.#awaited.delete(token)
    work.then(over, over)
  }

  /** Objects to everything that somebody still waits for. */
  objectToHanging(): void {
    for (const { node, what } of this.#awaited.values()) {
      this.object('settled', node, `${what} never comes to an end`, 'liveness')
    }
    this.#awaited.clear()
  }
}
