/**
 * One-way messages and requests of one node to another: each arrives once at most, in the order in which they were sent,
 * and of those that went on one session none is missing before another that arrived.
 */

import type { Session } from '../../../core/index.ts'
import { type CheckPorts, codeOf, type ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'
import type { SessionsCheck } from './sessions.ts'

interface Note {
  readonly name: string
  /** The session it was given to; undefined where one had to be opened. */
  readonly session: Session | undefined
  readonly number: number
  isHeard: boolean
  isRefused: boolean
}

const HANDLER = 'sim:note'
const TIMEOUT_MS = 5_000

/** See the head of this file. */
export class SendsCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  readonly #sessions: SessionsCheck
  /** What a life has sent to a peer, by both. */
  readonly #sent = new Map<string, Note[]>()
  /** The newest that came on a session. */
  readonly #newest = new Map<Session, { readonly label: string; readonly number: number }>()

  constructor(ports: CheckPorts, sessions: SessionsCheck) {
    this.#ports = ports
    this.#sessions = sessions
  }

  attach(life: ServiceLife): void {
    life.messenger.handle(HANDLER, (payload, { session }) => {
      const { from, number } = payload as { readonly from: string; readonly number: number }
      if (session !== undefined) this.#heard(life, from, number, session)
    })
  }

  /** Sends in one go, every other one as a request. */
  send(life: ServiceLife, to: string, count: number): void {
    const key = `${life.label} to ${to}`
    const notes = this.#sent.get(key) ?? []
    this.#sent.set(key, notes)
    this.#ports.journal.note(life.label, 'send', { to, count })
    for (let i = 0; i < count; i++) {
      const number = notes.length
      const name = `message ${number} of ${key}`
      const session = this.#sessions.of(life, to)
      const note: Note = { name, session, number, isHeard: false, isRefused: false }
      notes.push(note)
      const payload = { from: life.label, number }
      const { messenger } = life
      const work =
        i % 2 === 0
          ? messenger.send(to, HANDLER, payload, { timeoutMs: TIMEOUT_MS })
          : messenger.request(to, HANDLER, payload, { timeoutMs: TIMEOUT_MS })
      const told = work.then(
        () => {},
        (error: unknown) => this.#refused(note, error),
      )
      this.#ports.journal.follow(life.label, name, told)
    }
  }

  #refused(note: Note, error: unknown): void {
    note.isRefused = true
    if (codeOf(error) === undefined) this.#object(note.name, `fails without a code: ${String(error)}`)
  }

  #heard(life: ServiceLife, from: string, number: number, session: Session): void {
    const { journal } = this.#ports
    const notes = this.#sent.get(`${from} to ${life.name}`) ?? []
    const note = notes[number]
    journal.count('heard')
    journal.note(life.label, 'heard', { from, number })
    if (note === undefined) {
      this.#object(life.label, `hears message ${number} of ${from}, which was sent to somebody else`)
      return
    }
    if (note.isHeard) this.#object(note.name, 'arrives twice')
    note.isHeard = true
    const newest = this.#newest.get(session)
    if (newest !== undefined && newest.label === from && newest.number > number) {
      this.#object(note.name, `arrives after message ${newest.number}`)
    }
    this.#newest.set(session, { label: from, number })
    for (const earlier of notes.slice(0, number)) {
      if (earlier.session === undefined || earlier.session !== note.session) continue
      if (!earlier.isHeard && !earlier.isRefused) this.#object(earlier.name, `is missing before message ${number}`)
    }
  }

  #object(name: string, problem: string): void {
    this.#ports.journal.object('sends', name, problem)
  }
}
