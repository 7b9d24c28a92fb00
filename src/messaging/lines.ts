/**
 * All lines of a messenger: one per session, found by the peer. Sessions that peers open are taken as they come; one's
 * own are opened when there is something to say.
 */

import { type GossipError, type Gossipmonger, LifecycleError, type NodeEvents, type Session } from '../core/index.ts'
import { codeOf, MessagingError } from './errors.ts'
import { Line, type LineLimits, type LinePorts } from './line.ts'
import { loopbackSessions } from './loopback.ts'

/** The part of a node that a messenger builds on. */
export type MessagingNode = Pick<Gossipmonger, 'id' | 'address' | 'transport' | 'peer' | 'peers' | 'reservedKeys'> &
  Partial<Pick<Gossipmonger, 'hostPlugins'>> & {
    // Not the node's own, which return it with the types of its keys: a node of any keys will do.
    on<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): unknown
    off<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): unknown
  }

/** What the lines tell their messenger. */
export interface LinesPorts extends Omit<LinePorts, 'onOver'> {
  /** There is a new line. */
  onOpen(line: Line): void
  /** A line is over; the error says what ended it, unless it was ended on purpose. */
  onOver(line: Line, error: GossipError | undefined): void
}

/** The pair has a session that the dialler has just lost: it is soon known, and dialled again. */
const DUPLICATE = 'GOSSIP_SESSION_DUPLICATE'
const ATTEMPTS_MAX = 3

/** The sessions of one node, as messages see them. */
export class Lines {
  readonly #node: MessagingNode
  readonly #limits: LineLimits
  readonly #ports: LinesPorts
  readonly #lines = new Map<Session, Line>()
  /** The newest line of each peer. */
  readonly #byPeer = new Map<string, Line>()
  /** Who waits for a line to a peer, in order. */
  readonly #waiting = new Map<string, Set<(line: Line) => void>>()
  #own: Line | undefined
  #isClosed = false
  readonly #onSession = (session: Session): void => void this.#attach(session)

  /** It takes the sessions that peers open from now on. */
  constructor(node: MessagingNode, limits: LineLimits, ports: LinesPorts) {
    this.#node = node
    this.#limits = limits
    this.#ports = ports
    node.transport.on('session', this.#onSession)
  }

  /** Every line that is not over, that of the node with itself left out. */
  get all(): readonly Line[] {
    return [...this.#byPeer.values()]
  }

  /** The line to a peer, if there is one. */
  find(peerId: string): Line | undefined {
    return this.#byPeer.get(peerId)
  }

  /**
   * The line of a session.
   *
   * @throws {MessagingError} `GOSSIP_SESSION_CLOSED`: it is over
   */
  of(session: Session): Line {
    const line = this.#lines.get(session)
    if (line !== undefined) return line
    const { id } = session.remote
    throw new MessagingError('GOSSIP_SESSION_CLOSED', `the session with ${id} was closed`, { peer: id })
  }

  /**
   * Uses the line to a peer: at once where there is one, else as soon as there is. Whatever asks first uses it first, so
   * that messages keep the order in which they were said, whether or not they had to wait for a session.
   *
   * @param signal - raised when the line is not wanted any more
   * @throws {MessagingError} as a rejection: `GOSSIP_PEER_UNKNOWN`, `GOSSIP_SESSIONS_UNSUPPORTED`, `GOSSIP_MESSENGER_CLOSED`
   * @throws {GossipError} as a rejection: what the transport's `connect` gives, and what `work` throws
   */
  async use<T>(peerId: string, signal: AbortSignal, work: (line: Line) => T): Promise<Awaited<T>> {
    if (this.#isClosed) throw new MessagingError('GOSSIP_MESSENGER_CLOSED', 'this messenger is closed')
    const line = peerId === this.#node.id ? this.#toSelf() : this.#byPeer.get(peerId)
    return line === undefined || this.#waiting.has(peerId)
      ? await this.#useSoon(peerId, signal, work)
      : await work(line)
  }

  /** The line to a peer: the one there is, or a new one. Rejects as `use` does. */
  to(peerId: string, signal: AbortSignal): Promise<Line> {
    return this.use(peerId, signal, (line) => line)
  }

  /** Ends every session. Resolves when all are over. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#node.transport.off('session', this.#onSession)
    await Promise.all([...this.#lines.keys()].map((session) => session.close('the messenger was closed')))
  }

  /** Whoever has a session first gives it to all who wait, in their order. */
  async #useSoon<T>(peerId: string, signal: AbortSignal, work: (line: Line) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(peerId) ?? new Set()
      this.#waiting.set(peerId, waiting)
      const forget = (): boolean => {
        const isWaiting = waiting.delete(use)
        if (waiting.size === 0 && this.#waiting.get(peerId) === waiting) this.#waiting.delete(peerId)
        return isWaiting
      }
      const use = (line: Line): void => {
        if (!forget()) return
        try {
          if (signal.aborted) throw signal.reason as Error
          resolve(work(line))
        } catch (error) {
          reject(error as Error)
        }
      }
      waiting.add(use)
      const fail = (error: unknown): void => {
        if (forget()) reject(error as Error)
      }
      this.#connect(peerId, signal)
        .then((session) => this.#serveWaiting(peerId, this.#attach(session)))
        .catch(fail)
    })
  }

  #serveWaiting(peerId: string, line: Line): void {
    for (const use of [...(this.#waiting.get(peerId) ?? [])]) use(line)
  }

  async #connect(peerId: string, signal: AbortSignal): Promise<Session> {
    const { transport } = this.#node
    if (transport.connect === undefined) {
      const problem = 'this transport has no sessions: use one over TCP, WebSocket, a relay or memory'
      throw new MessagingError('GOSSIP_SESSIONS_UNSUPPORTED', problem, { peer: peerId })
    }
    for (let attempt = 1; ; attempt++) {
      const peer = this.#node.peer(peerId)
      if (peer === undefined) {
        throw new MessagingError('GOSSIP_PEER_UNKNOWN', `no peer is known as ${JSON.stringify(peerId)}`, {
          peer: peerId,
        })
      }
      try {
        return await transport.connect({ id: peerId, transport: peer.transport ?? null }, { signal })
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX || codeOf(error, '') !== DUPLICATE) throw error
      }
    }
  }

  #attach(session: Session): Line {
    const present = this.#lines.get(session)
    if (present !== undefined) return present
    if (this.#isClosed) {
      void session.close('the messenger was closed')
      throw new LifecycleError('GOSSIP_ABORTED', 'the messenger was closed while it connected')
    }
    const line = this.#newLine(session)
    this.#byPeer.set(session.remote.id, line)
    this.#ports.onOpen(line)
    return line
  }

  #toSelf(): Line {
    if (this.#own !== undefined) return this.#own
    const self = { id: this.#node.id, transport: this.#node.address ?? null }
    const [near, far] = loopbackSessions(self, (error) => this.#ports.tellError(error as GossipError))
    this.#own = this.#newLine(near)
    this.#ports.onOpen(this.#newLine(far))
    return this.#own
  }

  #newLine(session: Session): Line {
    const line = new Line(session, this.#limits, {
      ...this.#ports,
      onOver: (over, error) => {
        this.#lines.delete(session)
        if (this.#byPeer.get(session.remote.id) === over) this.#byPeer.delete(session.remote.id)
        if (this.#own === over) this.#own = undefined
        this.#ports.onOver(over, error)
      },
    })
    this.#lines.set(session, line)
    return line
  }
}
