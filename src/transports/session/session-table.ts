/** Which sessions there are, by the peer's id and by the addresses that were dialled. */

import type { JsonValue, PeerRef } from '../../core/index.ts'
import type { MuxSession } from './session.ts'

/** The open sessions of a hub, and those whose pipes are still closing. */
export class SessionTable {
  readonly #addressKey: (address: JsonValue) => string | undefined
  readonly #open = new Set<MuxSession>()
  readonly #byId = new Map<string, MuxSession>()
  /**
   * Who answered where. What a peer says of its own address is not believed: it could name another's, and be given what
   * is meant for him.
   */
  readonly #byAddress = new Map<string, MuxSession>()
  readonly #closing = new Set<Promise<void>>()

  /** @param addressKey - one text for all forms of an address */
  constructor(addressKey: (address: JsonValue) => string | undefined) {
    this.#addressKey = addressKey
  }

  /** Open sessions. */
  get size(): number {
    return this.#open.size
  }

  /** All that are open, at this moment. */
  get all(): readonly MuxSession[] {
    return [...this.#open]
  }

  /** One promise for each that is closed and whose pipe is not. */
  get closing(): readonly Promise<void>[] {
    return [...this.#closing]
  }

  /** The session with a peer: by its id, or, where only the address is known, by who answered there. */
  find({ id, transport }: PeerRef): MuxSession | undefined {
    if (id !== undefined) return this.#byId.get(id)
    return this.#byAddress.get(this.#addressKey(transport) ?? '')
  }

  /** A session is open. It is now the one of its peer. */
  add(session: MuxSession): void {
    this.#open.add(session)
    this.#byId.set(session.remote.id, session)
  }

  /** Of two with a peer, this one stays. */
  prefer(session: MuxSession): void {
    this.#byId.set(session.remote.id, session)
  }

  /** Dialling this address has led to this session. */
  noteAddress(addressKey: string, session: MuxSession): void {
    if (!session.isClosed) this.#byAddress.set(addressKey, session)
  }

  /** A session is closed; its pipe follows. O(addresses). */
  remove(session: MuxSession): void {
    this.#open.delete(session)
    if (this.#byId.get(session.remote.id) === session) this.#byId.delete(session.remote.id)
    for (const [key, other] of this.#byAddress) if (other === session) this.#byAddress.delete(key)
    const gone = session.gone.then(() => void this.#closing.delete(gone))
    this.#closing.add(gone)
  }
}
