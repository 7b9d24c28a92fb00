/**
 * Requests: nobody gets another's answer; what succeeded was carried out once, by a life of the peer that was asked and
 * that gave this answer; nothing is carried out twice, whatever becomes of it; and nobody waits longer than he said.
 */

import type { Payload } from '../../../messaging/index.ts'
import { type CheckPorts, codeOf, purposeError, type ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'
import type { SessionsCheck } from './sessions.ts'

/** A request as it travels. */
interface Work {
  readonly name: string
  readonly from: string
  readonly workMs: number
  readonly fails: boolean
}

/** One time that a request was carried out. */
interface Run {
  readonly by: string
  readonly life: number
  isDone: boolean
}

interface Asked {
  readonly name: string
  readonly life: ServiceLife
  /** Who may answer. */
  readonly to: readonly string[]
  readonly fails: boolean
  readonly askedAt: number
  readonly timeoutMs: number
  readonly controller: AbortController
  isOver: boolean
}

const HANDLER = 'sim:work'
const FAILURE = 'SIM_WORK_FAILED'
const ANYONE_TIMEOUT_MS = 5_000

/** See the head of this file. */
export class RequestsCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  readonly #sessions: SessionsCheck
  readonly #runs = new Map<string, Run[]>()
  readonly #waiting = new Set<Asked>()
  #asked = 0

  constructor(ports: CheckPorts, sessions: SessionsCheck) {
    this.#ports = ports
    this.#sessions = sessions
  }

  attach(life: ServiceLife): void {
    life.messenger.handle(HANDLER, (work, { from, signal }) => this.#carryOut(life, work as never, from, signal))
  }

  /** Asks one peer. */
  ask(life: ServiceLife, to: string, work: Pick<Work, 'workMs' | 'fails'> & { readonly timeoutMs: number }): void {
    const asked = this.#begin(life, [to], work.fails, work.timeoutMs)
    this.#sessions.hang(this.#sessions.of(life, to), { what: asked.name, isOver: () => asked.isOver })
    this.#send(asked, work.workMs, undefined)
  }

  /** Asks all others, until one answers. */
  askAnyone(life: ServiceLife, names: readonly string[], workMs: number, stallAfterMs: number): void {
    const to = names.filter((name) => name !== life.name)
    if (to.length > 0) this.#send(this.#begin(life, to, false, ANYONE_TIMEOUT_MS), workMs, stallAfterMs)
  }

  /** Gives up the oldest request that a life waits for. */
  cancel(life: ServiceLife): void {
    const oldest = [...this.#waiting].find((asked) => asked.life === life)
    if (oldest === undefined) return
    const { journal } = this.#ports
    journal.note(life.label, 'cancel', { name: oldest.name })
    oldest.controller.abort()
    journal.time.startTimer(() => {
      if (!oldest.isOver) journal.object('at once', life.label, `${oldest.name} goes on after it was given up`)
    }, 0)
  }

  finish(): void {
    for (const [name, runs] of this.#runs) {
      const peers = new Set(runs.map(({ by }) => by))
      if (peers.size < runs.length) this.#object(name, `was carried out ${runs.length} times by ${[...peers].join()}`)
    }
  }

  #begin(life: ServiceLife, to: readonly string[], fails: boolean, timeoutMs: number): Asked {
    const name = `request ${++this.#asked} of ${life.label} to ${to.join('|')}`
    const controller = new AbortController()
    const askedAt = this.#ports.journal.time.now
    const asked = { name, life, to, fails, askedAt, timeoutMs, controller, isOver: false }
    this.#waiting.add(asked)
    return asked
  }

  #send(asked: Asked, workMs: number, stallAfterMs: number | undefined): void {
    const { name, life, to, fails, timeoutMs, controller } = asked
    const { journal } = this.#ports
    const work = { name, from: life.label, workMs, fails }
    journal.note(life.label, 'ask', { name })
    const options = { timeoutMs, stallAfterMs, signal: controller.signal }
    const answer = life.messenger.request(to.length === 1 ? (to[0] as string) : to, HANDLER, work, options)
    const told = answer.then(
      (payload) => this.#answered(asked, payload),
      (error: unknown) => this.#failed(asked, error),
    )
    journal.follow(life.label, name, told)
  }

  async #carryOut(life: ServiceLife, work: Work, from: string, signal: AbortSignal): Promise<unknown> {
    const run: Run = { by: life.name, life: life.number, isDone: false }
    const runs = this.#runs.get(work.name) ?? []
    this.#runs.set(work.name, [...runs, run])
    this.#ports.journal.note(life.label, 'work', { name: work.name })
    if (work.from.split('.')[0] !== from) this.#object(work.name, `comes to ${life.label} as of ${from}`)
    if (work.workMs > 0) await life.pause(work.workMs, signal)
    if (work.fails) throw purposeError(FAILURE)
    run.isDone = true
    return { name: work.name, by: run.by, life: run.life }
  }

  #answered(asked: Asked, payload: Payload): void {
    const { name, to, fails } = asked
    const answer = payload as { readonly name: string; readonly by: string; readonly life: number }
    this.#over(asked, 'answered')
    this.#ports.journal.count('answered')
    if (answer.name !== name) this.#object(name, `gets the answer to ${answer.name}`)
    else if (!to.includes(answer.by)) this.#object(name, `is answered by ${answer.by}`)
    else if (fails) this.#object(name, 'succeeds, and its handler has failed')
    const runs = (this.#runs.get(name) ?? []).filter(({ by }) => by === answer.by)
    const [run] = runs
    if (runs.length !== 1) this.#object(name, `succeeds, and was carried out ${runs.length} times by ${answer.by}`)
    else if (run?.life !== answer.life || !run.isDone) this.#object(name, 'is answered by who has not carried it out')
  }

  #failed(asked: Asked, error: unknown): void {
    const { name } = asked
    const code = codeOf(error)
    this.#over(asked, code ?? String(error))
    this.#ports.journal.count(asked.controller.signal.aborted ? 'cancelled' : 'failed')
    if (code === undefined) this.#object(name, `fails without a code: ${String(error)}`)
    if (code === FAILURE && !asked.fails) this.#object(name, 'fails as another request should')
  }

  #over(asked: Asked, how: string): void {
    const { journal } = this.#ports
    const { name, life, askedAt, timeoutMs } = asked
    asked.isOver = true
    this.#waiting.delete(asked)
    journal.note(life.label, 'over', { name, how })
    // A node that did nothing looks at its clock when it goes on.
    const due = Math.max(askedAt + timeoutMs, life.system.pausedUntil)
    if (life.isUp && journal.time.now > due)
      this.#object(name, `takes ${journal.time.now - askedAt} ms, and ${timeoutMs} were allowed`)
  }

  #object(name: string, problem: string): void {
    this.#ports.journal.object('requests', name, problem)
  }
}
