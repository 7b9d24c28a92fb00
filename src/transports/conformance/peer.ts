/** A transport in a case: who speaks through it, where it is reached, and everything it has told so far. */

import type { Hello, JsonValue, SenderRef, Session, Transport } from '../../core/index.ts'
import { type Kind, Ledger, type Parcel } from './ledger.ts'

/** Errors that are kept per peer: a flood may make one for every message. */
const ERRORS_MAX = 1_000

/** Where a peer's findings go. */
export interface PeerPorts {
  /** A message came that had been sent; listeners of the kit run within this call. */
  onArrived(peer: Peer, parcel: Parcel): void
  /** Something came that was never sent there. */
  onWrong(peer: Peer, problem: string): void
  /** A message came when nothing may come any more. */
  onLate(peer: Peer, kind: Kind): void
  /** An `error` event. */
  onError(peer: Peer, error: unknown): void
  /** Anything else was told. */
  onTold(): void
}

/** One transport with the kit's listeners on it. */
export class Peer {
  readonly id: string
  readonly transport: Transport
  readonly ledger: Ledger = new Ledger()
  /** The latest errors, as they came. */
  readonly errors: unknown[] = []
  /** The names of all events told, in order; messages after the first thousand are left out. */
  readonly events: string[] = []
  readonly hellos: { readonly peer: SenderRef; readonly hello: Hello }[] = []
  readonly rpcs: JsonValue[] = []
  /** Sessions that others opened. */
  readonly sessions: Session[] = []
  /** Where others reach it; null until it listens. */
  address: JsonValue = null
  /** Its `close` has resolved. */
  isClosed = false
  /** Called within the transport's own event, for cases about listeners. */
  onMessage: (parcel: Parcel) => void = () => {}
  /** Called within the transport's `session` event. */
  onSession: (session: Session) => void = () => {}
  readonly #ports: PeerPorts

  /** Attaches a listener to every event. */
  constructor(id: string, transport: Transport, ports: PeerPorts) {
    this.id = id
    this.transport = transport
    this.#ports = ports
    for (const kind of ['digest', 'deltas'] as const) {
      transport.on(kind, (sender, payload) => this.#onMessage(kind, sender, payload))
    }
    transport.on('error', (error) => this.#onError(error))
    transport.on('listening', () => this.#note('listening'))
    transport.on('hello', (peer, hello) => {
      this.hellos.push({ peer, hello })
      this.#note('hello')
    })
    transport.on('session', (session) => {
      this.sessions.push(session)
      this.onSession(session)
      this.#note('session')
    })
    transport.on('rpc', (_, payload) => {
      this.rpcs.push(payload)
      this.#note('rpc')
    })
  }

  /** As others address it. */
  get ref(): SenderRef {
    return { id: this.id, transport: this.address }
  }

  /** The codes of its errors, for reports. */
  get codes(): readonly string[] {
    return [...new Set(this.errors.map((error) => String((Object(error) as { code?: unknown }).code)))]
  }

  #onMessage(kind: Kind, sender: unknown, payload: unknown): void {
    if (this.events.length < 1_000) this.events.push(kind)
    if (this.isClosed) {
      this.#ports.onLate(this, kind)
      return
    }
    const parcel = this.ledger.noteArrived(kind, sender, payload)
    if (typeof parcel === 'string') {
      this.#ports.onWrong(this, parcel)
      return
    }
    this.onMessage(parcel)
    this.#ports.onArrived(this, parcel)
  }

  #onError(error: unknown): void {
    if (this.errors.length >= ERRORS_MAX) this.errors.shift()
    // Until its stack is read, an error holds on to all that the functions on it hold.
    if (error instanceof Error) void error.stack
    this.errors.push(error)
    this.#ports.onError(this, error)
  }

  #note(event: string): void {
    this.events.push(event)
    this.#ports.onTold()
  }
}
