/**
 * The world of one case: transports with the kit's ears on them, ways to send and to wait, and the rules that hold
 * whatever the case is about. The first rule that is broken ends the case at its next step.
 */

import { type Hello, type JsonValue, PROTOCOL_VERSION, type SenderRef, type Transport } from '../../core/index.ts'
import { BULK_FEATURE } from '../bulk/index.ts'
import { ConformanceError, type Section } from './conformance-error.ts'
import { described, errorProblem } from './error-rules.ts'
import type { ResolvedFixture, TransportRequest } from './fixture.ts'
import type { Kind, Parcel } from './ledger.ts'
import { Peer } from './peer.ts'
import { TICK_MS, turn, Waiters, withDeadline } from './waiting.ts'

/** How a case is played. */
export interface PlayOptions {
  /** How long anything may take before it counts as never, ms. @defaultValue 10_000 */
  readonly deadlineMs?: number | undefined
  /** Called now and then in long cases, with how far they have come. */
  readonly onProgress?: ((text: string) => void) | undefined
}

/** A message to be sent. */
export interface Letter {
  readonly from: Peer
  readonly to: Peer
  readonly kind: Kind
  readonly payload: JsonValue
  /** What it says of its sender. @defaultValue the sender's own id and address */
  readonly as?: SenderRef
}

/** What a peer is made with beyond its id. */
export interface PeerOptions extends Partial<TransportRequest> {
  /** Fields of its hello that differ from everybody's. */
  readonly hello?: Partial<Hello>
  /** Called before the kit's own listeners are attached. */
  readonly prepare?: (transport: Transport) => void
  /** False leaves `listen` to the case. @defaultValue true */
  readonly isOpened?: boolean
}

const DEADLINE_MS = 10_000
const CODED = 'an error event to be a GossipError with a stable code, such as ACME_CONNECT_FAILED'

/** One case's transports and what happened to them. */
export class Scene {
  readonly fixture: ResolvedFixture
  readonly deadlineMs: number
  /** What a message that comes changed says about the transport. */
  about: Section = 'Delivery'
  readonly #onProgress: (text: string) => void
  readonly #waiters = new Waiters()
  readonly #transports: Transport[] = []
  #violation: ConformanceError | undefined
  #sendingDepth = 0
  #peers = 0
  #marks = 0

  constructor(fixture: ResolvedFixture, options: PlayOptions) {
    this.fixture = fixture
    this.deadlineMs = options.deadlineMs ?? DEADLINE_MS
    this.#onProgress = options.onProgress ?? (() => {})
  }

  /** A transport of the fixture's that is closed with the scene. */
  async transport(request: TransportRequest): Promise<Transport> {
    const made = await this.within('Lifecycle', 'createTransport() of the fixture', () =>
      this.fixture.createTransport(request),
    )
    const fields = Object(made) as Record<string, unknown>
    const missing = ['digest', 'deltas', 'on', 'off'].find((method) => typeof fields[method] !== 'function')
    if (missing !== undefined)
      this.fail('Delivery', 'createTransport() to give a transport', `it has no method ${missing}`)
    this.#transports.push(made)
    return made
  }

  /** A transport that is introduced, heard and, unless the options say otherwise, listening. */
  async peer(options: PeerOptions = {}): Promise<Peer> {
    const { id = `peer-${++this.#peers}`, role = 'listener', address } = options
    const transport = await this.transport({ id, role, address })
    options.prepare?.(transport)
    const peer = new Peer(id, transport, {
      onArrived: (to, parcel) => this.#onArrived(to, parcel),
      onWrong: (to, problem) => this.violate(this.about, `${to.id} to be told only what was sent to it`, problem),
      onLate: (to, kind) =>
        this.violate('Lifecycle', `nothing to be told by ${to.id} once close() has resolved`, `${kind} was`),
      onError: (_, error) => this.#onError(error),
      onTold: () => this.wake(),
    })
    const { hello, sessions, bulk } = this.fixture.capabilities
    if (hello || sessions || bulk) transport.introduce?.(this.hello(id, options.hello))
    if (options.isOpened !== false) await this.open(peer)
    return peer
  }

  /** Two peers. */
  async pair(): Promise<readonly [Peer, Peer]> {
    return [await this.peer(), await this.peer()]
  }

  /** Several peers. */
  async peers(count: number): Promise<Peer[]> {
    const made: Peer[] = []
    for (let i = 0; i < count; i++) made.push(await this.peer())
    return made
  }

  /** Lets a peer listen, where it can, and notes its address. */
  async open(peer: Peer): Promise<void> {
    const { transport } = peer
    if (transport.listen !== undefined) await this.within('Lifecycle', 'listen()', () => transport.listen?.())
    peer.address = this.fixture.addressOf(transport)
  }

  /** Closes a peer; from then on it may tell nothing. */
  async close(peer: Peer): Promise<void> {
    await this.within('Lifecycle', 'close()', () => peer.transport.close?.())
    peer.isClosed = true
  }

  /** What a node of the kit's cluster says of itself. */
  hello(id: string, facts: Partial<Hello> = {}): Hello {
    const base = { protocolVersion: PROTOCOL_VERSION, clusterId: 'conformance', generation: 1 }
    const features = this.fixture.capabilities.bulk ? [BULK_FEATURE] : []
    return { ...base, id, features, valueBytesMax: 65_536, ...facts }
  }

  /** A payload that no other message of this case has. */
  mark(text: string, ...more: readonly JsonValue[]): JsonValue {
    return [text, ++this.#marks, ...more]
  }

  /** Sends a letter once. */
  send({ from, to, kind, payload, as = from.ref }: Letter): Parcel {
    const parcel = to.ledger.noteSent(kind, as, payload)
    this.attempt(from, kind, () => from.transport[kind](to.ref, as, payload))
    return parcel
  }

  /** Sends to a bare address where nobody of this case is. */
  sendAway(from: Peer, address: JsonValue, payload: JsonValue, kind: Kind = 'digest'): void {
    this.attempt(from, kind, () => from.transport[kind]({ transport: address }, from.ref, payload))
  }

  /** Calls `digest` or `deltas`, which must neither throw nor tell a message before they return. */
  attempt(from: Peer, kind: Kind, send: () => unknown): void {
    this.#sendingDepth++
    try {
      send()
    } catch (cause) {
      // This may run within a listener, where the transport would catch what is thrown.
      const actual = `${kind}() of ${from.id} threw ${described(cause)}`
      this.violate('Errors', 'trouble to be told as an error event and never thrown', actual, cause)
      this.assertSound()
    } finally {
      this.#sendingDepth--
    }
  }

  /** Sends a letter until it has arrived: once, or where messages may be lost again and again. */
  async deliver(letter: Letter, isRepeated: boolean = this.fixture.capabilities.lossy): Promise<void> {
    const parcel = this.send(letter)
    const { from, to, kind } = letter
    const expected = `${kind} from ${from.id} to arrive at ${to.id}`
    const again = isRepeated ? () => void this.send(letter) : undefined
    await this.#wait('Delivery', expected, () => parcel.arrivals > 0, { topic: parcel, again, errors: [from, to] })
  }

  /** A small message through and through: whatever was told before it, is told by now if nothing is overtaken. */
  async fence(from: Peer, to: Peer): Promise<void> {
    await this.deliver({ from, to, kind: 'digest', payload: this.mark('fence') })
    await turn()
  }

  /** Waits until something is true; `again` is called at every look, where messages may be lost. */
  async until(section: Section, expected: string, isTrue: () => boolean, again?: () => void): Promise<void> {
    await this.#wait(section, expected, isTrue, { again })
  }

  /** Waits for what the transport promised. Rejections are passed on as failures of the case. */
  async within<T>(section: Section, what: string, call: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    const settling = setInterval(() => void this.fixture.settle(), TICK_MS)
    try {
      const outcome = await withDeadline(Promise.resolve(call()), this.deadlineMs)
      if (outcome.done) return outcome.value as Awaited<T>
    } catch (cause) {
      throw new ConformanceError(section, `${what} to succeed`, `it failed with ${described(cause)}`, cause)
    } finally {
      clearInterval(settling)
    }
    return this.fail(section, `${what} to settle`, `it had not after ${this.deadlineMs} ms`)
  }

  /** Ends the case. */
  fail(section: Section, expected: string, actual: string): never {
    throw new ConformanceError(section, expected, actual)
  }

  /** Ends the case at its next step: for rules that are broken where nothing can be thrown. */
  violate(section: Section, expected: string, actual: string, cause?: unknown): void {
    this.#violation ??= new ConformanceError(section, expected, actual, cause)
    this.wake()
  }

  /** Throws if a rule was broken. */
  assertSound(): void {
    if (this.#violation !== undefined) throw this.#violation
  }

  /** Something happened that nobody is told of by the transport. */
  wake(): void {
    this.#waiters.wake()
  }

  /** Says how far a long case has come. */
  progress(text: string): void {
    this.#onProgress(text)
  }

  /** Closes every transport, then the fixture. */
  async end(): Promise<void> {
    try {
      await this.within('Lifecycle', 'close()', () =>
        Promise.all(this.#transports.map((transport) => transport.close?.())),
      )
    } finally {
      await this.within('Lifecycle', 'close() of the fixture', () => this.fixture.close())
    }
  }

  #onArrived(to: Peer, parcel: Parcel): void {
    if (this.#sendingDepth > 0) {
      const rule = 'digest() and deltas() to return before any message is told'
      this.violate('Listeners', rule, `${to.id} was told of ${parcel.kind} inside such a call`)
    }
    if (parcel.arrivals > parcel.sends && !this.fixture.capabilities.duplicates) {
      const rule = 'a message to arrive no more often than it was sent'
      this.violate('Delivery', rule, `${parcel.kind} came ${parcel.arrivals} times at ${to.id}`)
    }
    this.#waiters.wake(parcel)
  }

  #onError(error: unknown): void {
    const problem = errorProblem(error)
    if (problem !== undefined) this.violate('Errors', CODED, problem, error)
    this.wake()
  }

  async #wait(
    section: Section,
    expected: string,
    isTrue: () => boolean,
    how: { topic?: unknown; again?: (() => void) | undefined; errors?: readonly Peer[] },
  ): Promise<void> {
    const startMs = performance.now()
    for (let againMs = startMs + TICK_MS; ; ) {
      this.assertSound()
      if (isTrue()) return
      const nowMs = performance.now()
      if (nowMs > startMs + this.deadlineMs) {
        const codes = (how.errors ?? []).flatMap((peer) => peer.codes)
        const told = codes.length === 0 ? '' : `, and errors were told: ${codes.join(', ')}`
        this.fail(section, expected, `it had not come true after ${this.deadlineMs} ms${told}`)
      }
      const next = this.#waiters.next(how.topic)
      if (nowMs >= againMs) {
        how.again?.()
        againMs = nowMs + TICK_MS
      }
      await this.fixture.settle()
      await next
    }
  }
}
