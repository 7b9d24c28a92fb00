/**
 * Pairs: two nodes that have each other to themselves. A node is in one pair at most; a third that asks is refused at
 * once. A pair lives on one session, so it ends when either end says so and when the session is over, whatever the cause.
 */

import { type GossipError, InvalidOptionError, looseOptions, type Session } from '../core/index.ts'
import type { Caller, RequestOptions, SendOptions } from './caller.ts'
import { asError, MessagingError } from './errors.ts'
import { assertName, type HandlerTable, type MessageContext } from './handler.ts'
import type { Lines } from './lines.ts'
import type { Payload } from './payload.ts'

/** Why a pair is over. */
export interface PairEnd {
  /** `'released'` by this side, `'freed'` by the other, or `'lost'` with the session. */
  readonly reason: 'released' | 'freed' | 'lost'
  /** What the session was lost with, where it was not closed on purpose. */
  readonly error: GossipError | undefined
}

/** Two nodes that have each other to themselves. */
export interface Pair {
  /** The id of the other one. */
  readonly peer: string
  /** The session that the pair lives on. */
  readonly session: Session
  readonly isOpen: boolean
  /** Resolves when the pair is over. */
  readonly ended: Promise<PairEnd>
  /** Asks the other one, as `Messenger.request`; `GOSSIP_PAIR_ENDED` when the pair is over. */
  request(name: string, payload?: unknown, options?: RequestOptions): Promise<Payload>
  /** Tells the other one, as `Messenger.send`; `GOSSIP_PAIR_ENDED` when the pair is over. */
  send(name: string, payload?: unknown, options?: SendOptions): Promise<void>
  /** Frees both. Nothing happens when the pair is over. */
  release(): void
}

/** What pairs ask of their messenger. */
export interface PairsPorts {
  readonly id: string
  readonly caller: Caller
  readonly lines: Lines
  /** Where messengers talk to each other. */
  readonly own: HandlerTable
  /** Whether this node lets that peer pair with it. */
  accepts(peer: string): boolean
  onPair(pair: Pair): void
  onUnpair(pair: Pair, end: PairEnd): void
  tellError(error: GossipError): void
}

const PAIR = { space: 'library', name: 'pair' } as const
const UNPAIR = { space: 'library', name: 'unpair' } as const

interface Current {
  readonly pair: Pair
  /** The questions that made it: one, or two where both had asked at once. A release names them, so a late one frees nobody. */
  readonly questions: readonly string[]
  readonly session: Session
  readonly end: (end: PairEnd) => void
}

/** The pair of one messenger. */
export class Pairs {
  readonly #ports: PairsPorts
  #current: Current | undefined
  /** Whom this node is asking, and by which question. */
  #asking: { readonly peer: string; readonly question: string } | undefined
  #asked = 0
  /** Whether that one has freed this node before its answer was taken in. */
  #isFreedEarly = false

  constructor(ports: PairsPorts) {
    this.#ports = ports
    ports.own.add(PAIR.name, (question, context) => this.#onAsked(question, context))
    ports.own.add(UNPAIR.name, (questions, context) => this.#onFreed(questions, context))
  }

  /** The pair that this node is in. */
  get current(): Pair | undefined {
    return this.#current?.pair
  }

  /** Pairs with a peer; see `Messenger.pair`. */
  async pair(peer: string, options: SendOptions = {}): Promise<Pair> {
    looseOptions(options, 'options', ['timeoutMs', 'signal'])
    assertName('peerId', peer)
    if (peer === this.#ports.id) throw new InvalidOptionError('peerId', 'the id of another node', peer)
    const busyWith = this.#current?.pair.peer ?? this.#asking?.peer
    if (busyWith !== undefined) {
      throw new MessagingError('GOSSIP_PAIR_BUSY', `this node has ${busyWith} to itself, or is asking it`, { peer })
    }
    const question = `${this.#ports.id} ${++this.#asked}`
    this.#asking = { peer, question }
    this.#isFreedEarly = false
    try {
      const { session, answer } = await this.#ports.caller.agree(peer, PAIR, question, options)
      // Both may have asked at once: then the other one's question has made the pair.
      if (this.#current !== undefined) return this.#current.pair
      if (!session.isClosed && !this.#isFreedEarly) return this.#begin(peer, session, questionsOf(answer, question))
      throw new MessagingError('GOSSIP_PAIR_ENDED', `the pair with ${peer} was over at once`, { peer })
    } catch (error) {
      if (this.#current !== undefined) return this.#current.pair
      this.#free(peer, [question])
      throw error
    } finally {
      this.#asking = undefined
    }
  }

  /** A session is over. */
  onSessionOver(session: Session, error: GossipError | undefined): void {
    if (this.#current?.session === session) this.#current.end({ reason: 'lost', error })
  }

  #onAsked(question: Payload, { from, session }: MessageContext): Payload {
    if (session === undefined || typeof question !== 'string') return []
    // Both had asked, and the answer to this side's question has made the pair already.
    if (this.#current?.session === session && this.#current.questions.includes(question)) return this.#current.questions
    const asking = this.#asking
    const isFree = this.#current === undefined && (asking === undefined || asking.peer === from)
    // Whoever asks has given up what was before, even if this side has not noticed.
    if (this.#isWith(from)) this.#current?.end({ reason: 'lost', error: undefined })
    else if (!isFree) throw new MessagingError('GOSSIP_PAIR_BUSY', `${this.#ports.id} is paired already`)
    if (!this.#ports.accepts(from)) {
      throw new MessagingError('GOSSIP_PAIR_REFUSED', `${this.#ports.id} does not pair with ${from}`)
    }
    const questions = asking === undefined ? [question] : [question, asking.question]
    this.#begin(from, session, questions)
    return questions
  }

  #onFreed(questions: Payload, { from, session }: MessageContext): void {
    const named = Array.isArray(questions) ? (questions as readonly unknown[]) : []
    const { peer, question } = this.#asking ?? {}
    if (peer === from && named.includes(question)) this.#isFreedEarly = true
    const current = this.#current
    if (current?.session !== session || !current?.questions.some((one) => named.includes(one))) return
    current.end({ reason: 'freed', error: undefined })
  }

  #isWith(peer: string): boolean {
    return this.#current?.pair.peer === peer
  }

  #begin(peer: string, session: Session, questions: readonly string[]): Pair {
    let isOpen = true
    let onEnded: (end: PairEnd) => void = () => {}
    const ended = new Promise<PairEnd>((resolve) => {
      onEnded = resolve
    })
    const end = (how: PairEnd): void => {
      if (!isOpen) return
      isOpen = false
      this.#current = undefined
      onEnded(how)
      this.#ports.onUnpair(pair, how)
    }
    const assertOpen = (): void => {
      if (!isOpen) throw new MessagingError('GOSSIP_PAIR_ENDED', `the pair with ${peer} is over`, { peer })
    }
    const { caller } = this.#ports
    const pair: Pair = {
      peer,
      session,
      get isOpen() {
        return isOpen
      },
      ended,
      async request(name, payload, options) {
        assertOpen()
        return caller.request(peer, { space: 'handler', name }, payload, options)
      },
      async send(name, payload, options) {
        assertOpen()
        return caller.send(peer, { space: 'handler', name }, payload, options)
      },
      release: () => {
        if (!isOpen) return
        this.#free(peer, questions)
        end({ reason: 'released', error: undefined })
      },
    }
    this.#current = { pair, questions, session, end }
    this.#ports.onPair(pair)
    return pair
  }

  /** Tells the other side, if there is a session on which it can be in a pair. */
  #free(peer: string, questions: readonly string[]): void {
    if (this.#ports.lines.find(peer) === undefined) return
    this.#ports.caller.send(peer, UNPAIR, questions).catch((error: unknown) => {
      this.#ports.tellError(asError(error) as GossipError)
    })
  }
}

/** The answer names the questions that made the pair; the own one is among them in any case. */
function questionsOf(answer: Payload, own: string): readonly string[] {
  const named = Array.isArray(answer) ? (answer as readonly unknown[]) : []
  return [own, ...named.slice(0, 2).filter((one): one is string => typeof one === 'string' && one !== own)]
}
