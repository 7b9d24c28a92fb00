/**
 * Our side of a handshake: ask, be challenged, open, be answered. Asks go to all addresses of a name at once, and the
 * first that answers is the one. Nothing but these packets goes to an address that has not answered.
 */

import { randomBytes } from 'node:crypto'
import type { ConnectionFacts } from './connection.ts'
import { COOKIE_BYTES } from './cookies.ts'
import type { Endpoint } from './endpoint.ts'
import type { HandshakeSeal, OpenedHandshake } from './handshake-seal.ts'
import type { RingKey } from './key-ring.ts'
import { SALT_BYTES, TOKEN_BYTES } from './packet.ts'
import { Retries } from './retries.ts'

/** What a dial asks of its transport. */
export interface DialPorts {
  readonly seal: HandshakeSeal
  send(packet: Buffer, endpoint: Endpoint): void
}

/** One handshake, from its first packet until it is answered or given up. */
export class Dial {
  readonly token: Buffer = randomBytes(TOKEN_BYTES)
  readonly #salt = randomBytes(SALT_BYTES)
  readonly #ports: DialPorts
  readonly #key: RingKey | undefined
  readonly #startedMs: number
  #endpoints: readonly Endpoint[] = []
  #retries: Retries
  /** What was asked for and given: with it the connection is opened. */
  #proof: { readonly cookie: Buffer; readonly endpoint: Endpoint } | undefined

  /** @param key - what it is sealed with; undefined sends plain packets */
  constructor(key: RingKey | undefined, ports: DialPorts, nowMs: number) {
    this.#key = key
    this.#ports = ports
    this.#startedMs = nowMs
    this.#retries = new Retries(nowMs)
  }

  /** How long it has been tried. */
  ageMs(nowMs: number): number {
    return nowMs - this.#startedMs
  }

  /** Asks at these addresses, now and until one answers. */
  askAt(endpoints: readonly Endpoint[], nowMs: number): void {
    this.#endpoints = endpoints
    this.#retries = new Retries(nowMs)
    this.#sendAgain()
  }

  /** Sends again what is due. */
  poll(nowMs: number): void {
    if (this.#retries.isDue(nowMs)) this.#sendAgain()
  }

  /** The other side wants to see whether we receive where we ask from. */
  onChallenge(cookie: Buffer, endpoint: Endpoint): void {
    if (cookie.length !== COOKIE_BYTES || !this.#hasAsked(endpoint)) return
    // Of several addresses that answer the first is taken; a later cookie of the same replaces one that may be stale.
    if (this.#proof !== undefined && this.#proof.endpoint.key !== endpoint.key) return
    this.#proof = { cookie: Buffer.from(cookie), endpoint }
    this.#sendAgain()
  }

  /**
   * The other side has opened the connection.
   *
   * @param opened - what follows our token: its token and its salt
   * @returns the connection; undefined where this is not the answer to what we sent
   */
  onOpened(opened: OpenedHandshake, endpoint: Endpoint): ConnectionFacts | undefined {
    const { body, key } = opened
    if (body.length !== 2 * TOKEN_BYTES + SALT_BYTES || this.#proof?.endpoint.key !== endpoint.key) return undefined
    if (key?.fingerprint !== this.#key?.fingerprint) return undefined
    const theirToken = Buffer.from(body.subarray(TOKEN_BYTES, 2 * TOKEN_BYTES))
    const salt = Buffer.concat([this.#salt, body.subarray(2 * TOKEN_BYTES)])
    return { endpoint, ourToken: this.token, theirToken, salt, isDialler: true, key: this.#key }
  }

  #hasAsked(endpoint: Endpoint): boolean {
    return this.#endpoints.some(({ key }) => key === endpoint.key)
  }

  #sendAgain(): void {
    const { seal } = this.#ports
    if (this.#proof !== undefined) {
      const { cookie, endpoint } = this.#proof
      this.#ports.send(seal.seal('open', Buffer.concat([this.token, cookie, this.#salt]), this.#key), endpoint)
      return
    }
    // As long as the challenge that answers it, so that nobody is sent more than came in his name.
    const ask = Buffer.concat([this.token, Buffer.alloc(COOKIE_BYTES)])
    for (const endpoint of this.#endpoints) this.#ports.send(seal.seal('ask', ask, this.#key), endpoint)
  }
}
