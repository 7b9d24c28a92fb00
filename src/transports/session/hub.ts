/**
 * All sessions of a transport: one per peer, whoever dialled it and how often. It dials through the transport, greets on
 * either side, and decides which of two sessions with one peer stays.
 */

import {
  type GossipError,
  type Hello,
  type JsonValue,
  LifecycleError,
  type PeerRef,
  runtimeSystem,
  type SenderRef,
  type Session,
  type System,
  TransportError,
} from '../../core/index.ts'
import { helloRefusal } from '../wire/index.ts'
import { aborted, Dial } from './dial.ts'
import { encodeGreeting, type Greeting } from './greeting.ts'
import { GreetingReader } from './greeting-reader.ts'
import { Lobby } from './lobby.ts'
import type { ResolvedSessionOptions } from './options.ts'
import { endPipe, type Pipe } from './pipe.ts'
import { MuxSession } from './session.ts'
import { SessionTable } from './session-table.ts'

/** What a hub asks of its transport. */
export interface SessionHubPorts {
  /** Who this node is; undefined while the transport was not introduced. */
  introduction(): { readonly hello: Hello; readonly sender: SenderRef } | undefined
  /**
   * Opens a pipe to a peer, for nothing but a session.
   *
   * @param signal - raised when nobody waits any more; a pipe that comes all the same is destroyed
   * @throws {GossipError} as a rejection: it cannot be reached
   */
  dial(remote: PeerRef, signal: AbortSignal): Promise<Pipe>
  /** One text for all forms of an address; undefined if it is none. */
  addressKey(address: JsonValue): string | undefined
  /** A peer has opened a session: the `session` event of the transport. */
  onSession(session: Session): void
  /** Trouble that nobody waits for: the `error` event of the transport. */
  tellError(error: Error): void
}

/** A pipe that has been greeted on. */
interface Greeted {
  readonly pipe: Pipe
  readonly reader: GreetingReader
  readonly greeting: Greeting
}

/** What the duplicate of a session is refused with; the dialler has the session already. */
const DUPLICATE = 'GOSSIP_SESSION_DUPLICATE'

/** The sessions of one transport, from its opening to its closing. */
export class SessionHub {
  readonly #limits: ResolvedSessionOptions
  readonly #ports: SessionHubPorts
  readonly #system: System
  readonly #sessions: SessionTable
  readonly #dials = new Map<string, Dial>()
  readonly #lobby: Lobby
  /** Pipes that are being ended without ever having been a session. */
  readonly #leaving = new Set<Promise<void>>()
  /** Dials and inbound greetings that have not come to an end. */
  readonly #greeting = new Set<Promise<void>>()
  #closing: Promise<void> | undefined

  /** @param system - time and timers; a simulator passes its own */
  constructor(limits: ResolvedSessionOptions, ports: SessionHubPorts, system: System = runtimeSystem) {
    this.#limits = limits
    this.#ports = ports
    this.#system = system
    this.#sessions = new SessionTable((address) => ports.addressKey(address))
    this.#lobby = new Lobby(limits, system, (error) => this.#tell(error))
  }

  /** Sessions that are open. */
  get size(): number {
    return this.#sessions.size
  }

  /** Whether a peer has a session with this node. */
  has(remote: PeerRef): boolean {
    return this.#sessions.find(remote) !== undefined
  }

  /**
   * The session with a peer: the one there is, or a new one.
   *
   * @throws {TransportError} as a rejection: the peer cannot be reached, refuses, or is not who it was taken for
   * @throws {LifecycleError} as a rejection: `GOSSIP_ABORTED`; `GOSSIP_NODE_NOT_STARTED`, the transport was not
   *   introduced; `GOSSIP_NODE_CLOSED`
   */
  async connect(remote: PeerRef, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Session> {
    const { signal } = options
    if (this.#closing !== undefined) throw closedError()
    if (signal?.aborted === true) throw aborted()
    if (this.#ports.introduction() === undefined) throw notIntroduced()
    const present = this.#sessions.find(remote)
    if (present !== undefined) return present
    const addressKey = this.#ports.addressKey(remote.transport)
    if (addressKey === undefined) throw trouble('GOSSIP_ADDRESS_MALFORMED', 'that is no address', remote)
    const key = JSON.stringify([remote.id ?? null, addressKey])
    let dial = this.#dials.get(key)
    if (dial === undefined || dial.signal.aborted) {
      if (this.#sessions.size + this.#dials.size >= this.#limits.sessionsMax) throw this.#limitError(remote)
      dial = new Dial({ id: remote.id, transport: remote.transport }, addressKey)
      this.#dials.set(key, dial)
      this.#track(this.#run(key, dial))
    }
    return dial.wait(signal)
  }

  /**
   * Takes a pipe that somebody else has opened for a session. Who it is will be told as a session, or as an error.
   *
   * @param head - bytes of the pipe that the transport has read to find out what it is
   */
  accept(pipe: Pipe, head: Uint8Array = new Uint8Array(0)): void {
    if (this.#closing !== undefined || this.#ports.introduction() === undefined) this.#leave(pipe)
    else this.#track(this.#receive(pipe, head))
  }

  /** Ends every session and everything under way. Resolves when all pipes are closed. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const dial of this.#dials.values()) dial.abort(closedError())
    const left = this.#lobby.close()
    for (const session of this.#sessions.all) void session.close()
    await Promise.all([left, ...this.#sessions.closing, ...this.#leaving, ...this.#greeting])
    // What was being greeted on has been sent away meanwhile.
    await Promise.all(this.#leaving)
  }

  #track(work: Promise<void>): void {
    const tracked = work.then(() => void this.#greeting.delete(tracked))
    this.#greeting.add(tracked)
  }

  async #run(key: string, dial: Dial): Promise<void> {
    try {
      const session = await this.#dialled(dial)
      this.#sessions.noteAddress(dial.addressKey, session)
      dial.succeed(session)
    } catch (error) {
      dial.fail(error)
    } finally {
      if (this.#dials.get(key) === dial) this.#dials.delete(key)
    }
  }

  async #dialled(dial: Dial): Promise<MuxSession> {
    const pipe = await this.#opened(dial)
    const greeted = await this.#greeted(pipe, dial)
    const { sender, refused } = greeted.greeting
    const refusal = this.#refusalOf(greeted, dial.remote)
    if (refusal === undefined && refused === undefined) return this.#settle(greeted)
    this.#leave(pipe, greeted.reader)
    // We have that session already: it was opened while this one was dialled.
    const present = this.#sessions.find(sender)
    if (refusal === undefined && refused?.code === DUPLICATE && present !== undefined) return present
    const code = refused?.code ?? 'GOSSIP_SESSION_REFUSED'
    throw refusal ?? trouble(code, `the peer refused the session: ${refused?.message ?? ''}`, dial.remote)
  }

  /** The pipe, or a rejection as soon as nobody wants it any more. */
  #opened(dial: Dial): Promise<Pipe> {
    const { signal, remote } = dial
    const { connectTimeoutMs } = this.#limits
    return new Promise((resolve, reject) => {
      let isOver = false
      const finish = (): void => {
        isOver = true
        cancel()
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        finish()
        reject(signal.reason as Error)
      }
      const cancel = this.#system.startTimer(() => {
        dial.abort(trouble('GOSSIP_CONNECT_FAILED', `no answer within ${connectTimeoutMs} ms`, remote))
      }, connectTimeoutMs)
      signal.addEventListener('abort', onAbort)
      this.#dial(remote, signal).then(
        (pipe) => {
          if (isOver) pipe.destroy()
          else resolve(pipe)
          finish()
        },
        (error: unknown) => {
          finish()
          reject(error as Error)
        },
      )
    })
  }

  /** What a transport throws at once is a rejection too. */
  async #dial(remote: PeerRef, signal: AbortSignal): Promise<Pipe> {
    return this.#ports.dial(remote, signal)
  }

  async #greeted(pipe: Pipe, dial: Dial): Promise<Greeted> {
    const reader = new GreetingReader(pipe)
    this.#greet(pipe, { expected: dial.remote.id })
    try {
      return { pipe, reader, greeting: await reader.read(this.#system, this.#limits.handshakeTimeoutMs, dial.signal) }
    } catch (error) {
      if (!reader.isClosed) this.#leave(pipe)
      const { code, message } = error as GossipError
      if (error instanceof LifecycleError) throw error
      throw trouble(code, message, dial.remote, error)
    }
  }

  /** Says who this node is, and perhaps why there will be no session. */
  #greet(pipe: Pipe, more: { readonly expected?: string | undefined; readonly refused?: Greeting['refused'] }): void {
    const own = this.#ports.introduction()
    if (own === undefined) return
    const { frameBytesMax } = this.#limits
    pipe.write([encodeGreeting({ ...own, frameBytesMax, expected: more.expected, refused: more.refused })])
  }

  async #receive(pipe: Pipe, head: Uint8Array): Promise<void> {
    const guest = await this.#lobby.admit(pipe, head)
    if (guest === undefined) return
    const greeted = { pipe, ...guest }
    let refused = this.#refusalOf(greeted, undefined) ?? this.#mistakenRefusal(guest.greeting)
    // Somebody may come first while this one waits, and there is a turn between the last look and this line.
    do refused ??= await this.#rivalRefusal(greeted)
    while (refused === undefined && this.#rivalOf(guest.greeting.sender) !== undefined && this.#isWanted(guest.reader))
    this.#lobby.leave(pipe)
    if (refused !== undefined) {
      if (refused.code !== DUPLICATE) this.#tell(refused)
      this.#greet(pipe, { refused: { code: refused.code, message: refused.message } })
    }
    if (refused !== undefined || !this.#isWanted(guest.reader)) {
      this.#leave(pipe, greeted.reader)
      return
    }
    this.#greet(pipe, {})
    const session = this.#newSession(greeted, 'inbound')
    this.#ports.onSession(session)
    session.start(greeted.reader.rest)
  }

  #isWanted(reader: GreetingReader): boolean {
    return this.#closing === undefined && !reader.isClosed
  }

  /** The session that there is with somebody. One with oneself has two ends here, which are no rivals. */
  #rivalOf(sender: SenderRef): MuxSession | undefined {
    return this.#isOwn(sender.id) ? undefined : this.#sessions.find(sender)
  }

  /** What both sides check: protocol, cluster, and who it is. */
  #refusalOf({ pipe, greeting }: Greeted, wanted: PeerRef | undefined): GossipError | undefined {
    const own = this.#ports.introduction()
    const { sender, hello } = greeting
    if (own === undefined) return closedError()
    if (wanted?.id !== undefined && wanted.id !== sender.id) {
      const problem = `${JSON.stringify(sender.id)} answered in place of ${JSON.stringify(wanted.id)}`
      return trouble('GOSSIP_PEER_UNEXPECTED', problem, wanted)
    }
    try {
      pipe.authenticate?.(sender)
    } catch (error) {
      return error as GossipError
    }
    return helloRefusal(own.hello, hello, sender)
  }

  #mistakenRefusal({ expected, sender }: Greeting): GossipError | undefined {
    const ownId = this.#ports.introduction()?.hello.id
    if (expected !== undefined && expected !== ownId) {
      const problem = `${JSON.stringify(expected)} was expected here, this is ${JSON.stringify(ownId)}`
      return new TransportError('GOSSIP_PEER_UNEXPECTED', problem, { peer: sender, direction: 'inbound' })
    }
    return undefined
  }

  /** Why the pair has no use for one more session, once that is known. */
  async #rivalRefusal({ greeting, reader }: Greeted): Promise<GossipError | undefined> {
    const { sender, hello } = greeting
    const facts = { peer: sender, direction: 'inbound' } as const
    while (this.#isWanted(reader)) {
      const rival = this.#rivalOf(sender)
      if (rival === undefined) {
        const dial = this.#dialToWaitFor(sender)
        if (dial === undefined) break
        await dial.settled
      } else if (rival.hello.generation < hello.generation) {
        rival.dismiss('GOSSIP_SESSION_REPLACED', 'the peer has a new life and a new session')
      } else if (rival.hello.generation > hello.generation) {
        return new TransportError('GOSSIP_SESSION_REPLACED', 'this peer has a newer life and a session', facts)
      } else if (await rival.probe(this.#limits.handshakeTimeoutMs / 4)) {
        return new TransportError(DUPLICATE, 'there is a session with this peer', facts)
      }
    }
    if (this.#sessions.size < this.#limits.sessionsMax) return undefined
    return this.#limitError(sender)
  }

  /** Of two that are dialled at once the one dialled by the lower id stays, if it comes to be. */
  #dialToWaitFor(sender: SenderRef): Dial | undefined {
    const ownId = this.#ports.introduction()?.hello.id
    if (ownId === undefined || ownId >= sender.id) return undefined
    const addressKey = this.#ports.addressKey(sender.transport)
    for (const dial of this.#dials.values()) {
      if (!dial.signal.aborted && dial.leadsTo(sender.id, addressKey)) return dial
    }
    return undefined
  }

  /** The dialled session is there; perhaps the other side's dial has led to one too. */
  #settle(greeted: Greeted): MuxSession {
    const { sender, hello } = greeted.greeting
    // Nobody would be told of its end any more.
    if (greeted.reader.isClosed) throw trouble('GOSSIP_CONNECTION_LOST', 'it closed while it was greeted on', sender)
    const rival = this.#rivalOf(sender)
    if (this.#closing !== undefined) {
      this.#leave(greeted.pipe, greeted.reader)
      throw closedError()
    }
    const session = this.#newSession(greeted, 'outbound')
    session.startSoon(greeted.reader.rest)
    if (rival === undefined) return session
    const ownId = this.#ports.introduction()?.hello.id ?? ''
    const isOlder = hello.generation < rival.hello.generation
    const isTheirs = hello.generation === rival.hello.generation && rival.direction === 'inbound' && sender.id < ownId
    const [stays, goes] = isOlder || isTheirs ? [rival, session] : [session, rival]
    this.#sessions.prefer(stays)
    goes.dismiss('GOSSIP_SESSION_REPLACED', 'another session of this pair took its place')
    return stays
  }

  #newSession({ pipe, greeting }: Greeted, direction: 'inbound' | 'outbound'): MuxSession {
    const { sender, hello, frameBytesMax } = greeting
    const session = new MuxSession({
      pipe,
      remote: sender,
      hello,
      direction,
      authenticated: pipe.authenticate?.(sender) ?? false,
      remoteFrameBytesMax: frameBytesMax,
      limits: this.#limits,
      system: this.#system,
      tellError: (error) => this.#tell(error),
      onOver: (over) => this.#sessions.remove(over),
    })
    this.#sessions.add(session)
    return session
  }

  #isOwn(id: string): boolean {
    return id === this.#ports.introduction()?.hello.id
  }

  /** Ends a pipe that will not be a session. */
  #leave(pipe: Pipe, reader?: GreetingReader): void {
    if (reader?.isClosed === true) return
    const left = endPipe(pipe, this.#system, this.#limits.closeTimeoutMs).then(() => void this.#leaving.delete(left))
    this.#leaving.add(left)
  }

  /** Whoever closed the transport expects to hear no more. */
  #tell(error: Error): void {
    if (this.#closing === undefined) this.#ports.tellError(error)
  }

  #limitError(peer: PeerRef): TransportError {
    return trouble('GOSSIP_SESSION_LIMIT', `this side has ${this.#limits.sessionsMax} sessions`, peer)
  }
}

function trouble(code: string, problem: string, peer: PeerRef, cause?: unknown): TransportError {
  return new TransportError(code, problem, { peer, direction: 'outbound', cause })
}

function closedError(): LifecycleError {
  return new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed')
}

function notIntroduced(): LifecycleError {
  return new LifecycleError(
    'GOSSIP_NODE_NOT_STARTED',
    'the transport was not introduced, so nobody would know who it is',
  )
}
