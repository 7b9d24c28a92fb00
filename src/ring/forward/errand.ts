/**
 * One request on its way to the owner of its key. It asks whoever owns the key now, and when that one is not reached, says
 * that it is not the owner, or (where that may be) is lost or replaced, the next one: bounded by attempts and a deadline.
 * Nobody passes a request on, so there is nothing that could go round in a circle.
 */

import { LifecycleError, type System } from '../../core/index.ts'
import { RingEmptyError } from '../errors.ts'
import type { Reply } from './envelope.ts'
import { ForwardError } from './errors.ts'
import type { ResolvedForwardRequest } from './options.ts'

/** What an errand asks of its forwarder. */
export interface ErrandPorts {
  readonly system: Pick<System, 'startTimer' | 'random'>
  readonly retryAfterMs: number
  readonly retryAfterMsMax: number
  /** Who owns the key now, ids, best first. @throws {RingEmptyError} nobody does */
  owners(): readonly string[]
  /** Opens a session; what it rejects with, nothing was sent. */
  reach(peer: string, signal: AbortSignal): Promise<void>
  /** Asks; from now on the peer may do what it is asked for. */
  ask(peer: string, signal: AbortSignal): Promise<Reply>
  /** It is over. */
  onOver(errand: Errand): void
}

interface Asking {
  readonly peer: string
  /** This node's own ring does not name it: another node does. */
  readonly isHinted: boolean
  readonly controller: AbortController
  /** It may be carried out over there. */
  isSent: boolean
}

/** Trouble that lies in the request or on this node, and is the same whoever is asked. */
const FINAL_CODES = [
  'GOSSIP_MESSENGER_CLOSED',
  'GOSSIP_SESSIONS_UNSUPPORTED',
  'GOSSIP_PAYLOAD_TOO_LARGE',
  'GOSSIP_OPTION_INVALID',
]

/** Begins at once. */
export class Errand {
  /** The encoded payload of the answer. */
  readonly answer: Promise<Uint8Array>
  readonly #options: ResolvedForwardRequest
  readonly #ports: ErrandPorts
  readonly #asking = new Map<string, Asking>()
  /** Who has failed since the last pause. */
  readonly #tried = new Set<string>()
  readonly #cancelDeadline: () => void
  readonly #onAbort = (): void => {
    const aborted = new LifecycleError('GOSSIP_ABORTED', 'the signal was raised')
    this.fail(Object.assign(aborted, { cause: this.#options.signal?.reason as unknown }))
  }
  #resolve: (body: Uint8Array) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #cancelStall = (): void => {}
  #cancelPause: (() => void) | undefined
  #hint: string | undefined
  #pauseMs: number
  #attempts = 0
  #lastPeer: string | undefined
  #lastFailure: unknown
  /** Somebody who may have done it was given up. */
  #hasLost = false
  #isStalled = false
  #isOver = false

  constructor(options: ResolvedForwardRequest, ports: ErrandPorts) {
    this.#options = options
    this.#ports = ports
    this.#pauseMs = ports.retryAfterMs
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#cancelDeadline = ports.system.startTimer(() => this.fail(this.#timeoutError()), options.timeoutMs)
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (options.signal?.aborted === true) this.#onAbort()
    else this.#advance()
  }

  /** Owners may be others now. */
  onRingChange(): void {
    const owners = this.#owners()
    if (this.#isOver || owners.length === 0) return
    for (const asking of [...this.#asking.values()]) {
      const isReplaced = !asking.isHinted && !owners.includes(asking.peer)
      if (!isReplaced || (asking.isSent && !this.#options.mayRepeat)) continue
      this.#drop(asking)
      const problem = `${asking.peer} does not own the key any more`
      asking.controller.abort(new ForwardError('GOSSIP_NOT_OWNER', problem, { peer: asking.peer }))
    }
    if (this.#cancelPause !== undefined && owners.every((peer) => this.#tried.has(peer))) return
    this.#cancelPause?.()
    this.#cancelPause = undefined
    this.#advance()
  }

  /** Ends it; whoever is being asked is told that no answer is wanted. */
  fail(error: unknown): void {
    if (this.#isOver) return
    this.#finish(error)
    this.#reject(error)
  }

  #advance(): void {
    if (this.#isOver || (this.#asking.size > 0 && !this.#isStalled)) return
    this.#isStalled = false
    const owners = this.#owners()
    if (this.#isOver) return
    const hint = this.#hint
    this.#hint = undefined
    const peer = [...(hint === undefined ? [] : [hint]), ...owners].find(
      (candidate) => !this.#tried.has(candidate) && !this.#asking.has(candidate),
    )
    if (peer !== undefined && this.#attempts < this.#options.attemptsMax) this.#ask(peer, !owners.includes(peer))
    else if (this.#asking.size > 0) return
    else if (this.#attempts >= this.#options.attemptsMax) this.fail(this.#lastFailure)
    else this.#pause()
  }

  #ask(peer: string, isHinted: boolean): void {
    const asking: Asking = { peer, isHinted, controller: new AbortController(), isSent: false }
    this.#asking.set(peer, asking)
    this.#attempts++
    this.#lastPeer = peer
    this.#cancelStall()
    const { stallAfterMs } = this.#options
    if (stallAfterMs !== undefined) {
      this.#cancelStall = this.#ports.system.startTimer(() => {
        this.#isStalled = true
        this.#advance()
      }, stallAfterMs)
    }
    this.#carry(asking).then(
      (reply) => this.#onReply(asking, reply),
      (error: unknown) => this.#onFailure(asking, error),
    )
  }

  async #carry(asking: Asking): Promise<Reply> {
    const { peer, controller } = asking
    await this.#ports.reach(peer, controller.signal)
    asking.isSent = true
    return this.#ports.ask(peer, controller.signal)
  }

  #onReply(asking: Asking, reply: Reply): void {
    if (!this.#isAsking(asking)) return
    if (reply.kind === 'done') {
      this.#finish(new ForwardError('GOSSIP_REQUEST_TIMEOUT', 'another owner has answered'))
      this.#resolve(reply.body)
      return
    }
    // It did nothing, and whom it names may know better than this node's ring.
    asking.isSent = false
    this.#hint = reply.owner
    this.#tryOther(asking, this.#refusal(asking.peer, reply.owner))
  }

  #onFailure(asking: Asking, error: unknown): void {
    if (!this.#isAsking(asking)) return
    const { name, code } = Object(error) as { name?: unknown; code?: unknown }
    // The class itself would bring messaging into the bundles of those who use rings alone.
    const isAnswer = asking.isSent && name === 'RemoteError'
    const isFinal = isAnswer || FINAL_CODES.includes(String(code)) || code === 'GOSSIP_FORWARD_MALFORMED'
    if (isFinal || (asking.isSent && !this.#options.mayRepeat)) this.fail(error)
    else this.#tryOther(asking, error)
  }

  #tryOther(asking: Asking, failure: unknown): void {
    this.#drop(asking)
    this.#tried.add(asking.peer)
    this.#lastFailure = failure
    this.#advance()
  }

  /** All have failed that could be asked: views soon differ less, so it waits, a little longer each time. */
  #pause(): void {
    const { system, retryAfterMsMax } = this.#ports
    // By chance shorter, so that those who failed together do not come back together.
    const delayMs = this.#pauseMs * (0.5 + system.random() / 2)
    this.#pauseMs = Math.min(this.#pauseMs * 2, retryAfterMsMax)
    this.#cancelPause = system.startTimer(() => {
      this.#cancelPause = undefined
      this.#tried.clear()
      this.#advance()
    }, delayMs)
  }

  #owners(): readonly string[] {
    try {
      return this.#ports.owners()
    } catch (error) {
      this.#lastFailure = error
      if (!(error instanceof RingEmptyError) || error.isFinal) this.fail(error)
      return []
    }
  }

  #isAsking(asking: Asking): boolean {
    return this.#asking.get(asking.peer) === asking
  }

  #drop(asking: Asking): void {
    this.#asking.delete(asking.peer)
    this.#hasLost ||= asking.isSent
  }

  #finish(reason: unknown): void {
    this.#isOver = true
    this.#cancelDeadline()
    this.#cancelStall()
    this.#cancelPause?.()
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    const asking = [...this.#asking.values()]
    this.#asking.clear()
    this.#ports.onOver(this)
    for (const { controller } of asking) controller.abort(reason)
  }

  #refusal(peer: string, owner: string | undefined): ForwardError {
    const problem = `${peer} does not own the key${owner === undefined ? '' : `: as it sees the ring, ${owner} does`}`
    const facts = { peer, owner, attempts: this.#attempts, isUndone: !this.#mayBeDone() }
    return new ForwardError('GOSSIP_NOT_OWNER', problem, facts)
  }

  #timeoutError(): ForwardError {
    const problem = `no owner has answered in ${this.#options.timeoutMs} ms, ${this.#attempts} were asked`
    return new ForwardError('GOSSIP_REQUEST_TIMEOUT', problem, {
      peer: this.#lastPeer,
      attempts: this.#attempts,
      isUndone: !this.#mayBeDone(),
      cause: this.#lastFailure,
    })
  }

  #mayBeDone(): boolean {
    return this.#hasLost || [...this.#asking.values()].some(({ isSent }) => isSent)
  }
}
