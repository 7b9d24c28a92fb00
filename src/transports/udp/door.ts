/**
 * What strangers meet: a challenge for whoever asks, a connection for whoever brings the cookie back, and for packets of
 * connections that nobody knows here a word that says so. Until the cookie nothing is kept, and nothing longer goes out
 * than came in.
 */

import { randomBytes } from 'node:crypto'
import { MalformedMessageError } from '../../core/index.ts'
import type { ConnectionFacts } from './connection.ts'
import { COOKIE_BYTES, Cookies } from './cookies.ts'
import type { Endpoint } from './endpoint.ts'
import type { HandshakeSeal, OpenedHandshake } from './handshake-seal.ts'
import { SALT_BYTES, TOKEN_BYTES } from './packet.ts'

/** What a door asks of its transport. */
export interface DoorPorts {
  readonly seal: HandshakeSeal
  send(packet: Buffer, endpoint: Endpoint): void
  /** The connection that was opened from there under this token before and not used yet. */
  opened(theirs: Pick<ConnectionFacts, 'endpoint' | 'theirToken'>): ConnectionFacts | undefined
  /** Somebody has proven where he receives. */
  onOpened(facts: ConnectionFacts): void
}

/** An answer to a stranger is at most this many times what came from his address. */
export const STRANGER_ANSWER_TIMES_MAX = 3
/** Most packets a second that tell of unknown connections. */
export const UNKNOWN_ANSWERS_PER_SECOND_MAX = 256

const ASK_BYTES = TOKEN_BYTES + COOKIE_BYTES
const OPEN_BYTES = TOKEN_BYTES + COOKIE_BYTES + SALT_BYTES

/** The side of handshakes that is asked. */
export class Door {
  readonly #ports: DoorPorts
  readonly #cookies = new Cookies()
  #second = 0
  #answers = 0

  constructor(ports: DoorPorts) {
    this.#ports = ports
  }

  /**
   * Somebody asks for a connection.
   *
   * @throws {MalformedMessageError} it is no such packet
   */
  onAsk(asked: OpenedHandshake, endpoint: Endpoint, nowMs: number): void {
    if (asked.body.length !== ASK_BYTES) throw new MalformedMessageError('an ask of the wrong length')
    this.#challenge(asked, endpoint, nowMs)
  }

  /**
   * Somebody opens a connection. With a stale cookie, or one of another process, he gets a new one.
   *
   * @throws {MalformedMessageError} it is no such packet
   */
  onOpen(opening: OpenedHandshake, endpoint: Endpoint, nowMs: number): void {
    const { body, key } = opening
    if (body.length !== OPEN_BYTES) throw new MalformedMessageError('an open of the wrong length')
    const theirToken = Buffer.from(body.subarray(0, TOKEN_BYTES))
    if (!this.#cookies.isGood(body.subarray(TOKEN_BYTES, ASK_BYTES), endpoint, theirToken, nowMs)) {
      this.#challenge(opening, endpoint, nowMs)
      return
    }
    let facts = this.#ports.opened({ endpoint, theirToken })
    if (facts === undefined) {
      const salt = Buffer.concat([body.subarray(ASK_BYTES), randomBytes(SALT_BYTES)])
      facts = { endpoint, ourToken: randomBytes(TOKEN_BYTES), theirToken, salt, isDialler: false, key }
      this.#ports.onOpened(facts)
    }
    const answer = Buffer.concat([theirToken, facts.ourToken, facts.salt.subarray(SALT_BYTES)])
    this.#ports.send(this.#ports.seal.seal('opened', answer, key), endpoint)
  }

  /** A packet came for a connection that is not known here: its sender is told, so that he can ask again. */
  onUnknownToken(packet: Buffer, token: Buffer, endpoint: Endpoint, nowMs: number): void {
    const second = Math.floor(nowMs / 1_000)
    if (second !== this.#second) this.#answers = 0
    this.#second = second
    if (this.#answers >= UNKNOWN_ANSWERS_PER_SECOND_MAX) return
    const answer = this.#ports.seal.seal('unknown', token)
    if (answer.length > packet.length * STRANGER_ANSWER_TIMES_MAX) return
    this.#answers++
    this.#ports.send(answer, endpoint)
  }

  #challenge({ body, key }: OpenedHandshake, endpoint: Endpoint, nowMs: number): void {
    const token = body.subarray(0, TOKEN_BYTES)
    const challenge = Buffer.concat([token, this.#cookies.bake(endpoint, token, nowMs)])
    this.#ports.send(this.#ports.seal.seal('challenge', challenge, key), endpoint)
  }
}
