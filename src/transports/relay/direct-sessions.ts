/** The carrier's own sessions by the peer's id, so that a pair that has one does not get another through a relay. */

import type { Session } from '../../core/index.ts'

/** Open sessions; closed ones are swept out as new ones come. */
export class DirectSessions {
  readonly #byId = new Map<string, Session>()

  /** Notes a session. O(sessions). */
  add(session: Session): void {
    for (const [id, { isClosed }] of this.#byId) if (isClosed) this.#byId.delete(id)
    this.#byId.set(session.remote.id, session)
  }

  /** The open session with a peer, if there is one. */
  find(id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#byId.get(id)
    return session?.isClosed === false ? session : undefined
  }
}
