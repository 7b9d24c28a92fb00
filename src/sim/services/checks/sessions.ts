/**
 * Sessions, and what hangs on them: whatever was asked or opened on a session that is over has failed by the end of that
 * turn. Nodes that mean well never break a rule of the wire.
 */

import type { Session } from '../../../core/index.ts'
import { type CheckPorts, codeOf, type ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'

/** Something that can only go on while its session does. */
export interface Hanging {
  readonly what: string
  /** Whether it has come to an end. */
  readonly isOver: () => boolean
  /** What had arrived in full may still be read to its end: whether that is how it came to an end. */
  readonly isWholeLater?: Promise<boolean> | undefined
}

const MISBEHAVIOUR = /_MALFORMED$|^GOSSIP_LISTENER_THREW$|^GOSSIP_ASSERTION$|^GOSSIP_HANDLER_FAILED$/

/** See the head of this file. */
export class SessionsCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  /** The newest session of each life with each peer, as messengers have it. */
  readonly #current = new Map<ServiceLife, Map<string, Session>>()
  readonly #hanging = new Map<Session, Hanging[]>()

  constructor(ports: CheckPorts) {
    this.#ports = ports
  }

  /** The session that a message to this peer would take; undefined where one would have to be opened. */
  of(life: ServiceLife, peer: string): Session | undefined {
    return this.#current.get(life)?.get(peer)
  }

  /** It must come to an end with this session. */
  hang(session: Session | undefined, hanging: Hanging): void {
    if (session === undefined) return
    const all = this.#hanging.get(session)
    if (all === undefined) this.#hanging.set(session, [hanging])
    else all.push(hanging)
  }

  attach(life: ServiceLife): void {
    const { journal } = this.#ports
    const current = new Map<string, Session>()
    this.#current.set(life, current)
    life.messenger.on('connect', (session) => {
      if (session.remote.id === life.name) return
      current.set(session.remote.id, session)
      journal.count('sessions')
      journal.note(life.label, 'connect', { peer: session.remote.id, direction: session.direction })
    })
    life.messenger.on('disconnect', (session, error) => {
      const { id } = session.remote
      if (current.get(session.remote.id) === session) current.delete(id)
      journal.note(life.label, 'disconnect', { peer: id, code: error?.code })
      if (error !== undefined) journal.count('lostSessions')
      this.#over(life, session)
    })
    life.messenger.on('error', (error) => this.#onError(life, error))
    life.node.on('error', (error) => this.#onError(life, error))
    life.ring.on('error', (error) => this.#onError(life, error))
  }

  #onError(life: ServiceLife, error: Error): void {
    const { journal } = this.#ports
    const code = codeOf(error)
    journal.note(life.label, 'error', { code: code ?? error.message })
    if (code === undefined) journal.object('conduct', life.label, `tells an error without a code: ${error.message}`)
    else if (MISBEHAVIOUR.test(code)) journal.object('conduct', life.label, `tells ${code}: ${error.message}`)
  }

  #over(life: ServiceLife, session: Session): void {
    const { journal } = this.#ports
    const hanging = this.#hanging.get(session) ?? []
    this.#hanging.delete(session)
    // By the next event of the clock every promise has had its turns.
    journal.time.startTimer(() => {
      for (const { what, isOver, isWholeLater = Promise.resolve(false) } of hanging) {
        if (isOver()) continue
        void isWholeLater.then((isWhole) => {
          if (!isWhole) journal.object('at once', life.label, `${what} goes on after its session has ended`)
        })
      }
    }, 0)
  }
}
