/**
 * Who has said who he is, end to end: a relay knows its clients' ids and nothing more, so the two ends show each other
 * their hellos before anything else is believed.
 */

import {
  type GossipError,
  type Hello,
  type JsonValue,
  MalformedMessageError,
  type SenderRef,
} from '../../core/index.ts'
import { encodeHello, helloRefusal } from '../wire/index.ts'

/** What is known of a peer behind a relay. */
export interface Acquaintance {
  readonly id: string
  /** How he was last addressed, or called himself. */
  transport: JsonValue
  /** The text of his hello; undefined: none has come, or it was refused. */
  helloText: string | undefined
  /** Whether he has our present hello. */
  isShown: boolean
  /** Whether our present hello was sent to him. */
  isSent: boolean
}

/** What became of a hello. */
export interface Meeting {
  /** Why nothing of this peer is believed. */
  readonly refusal?: GossipError | undefined
  /** It says something that is not known yet. */
  readonly isNews: boolean
}

/** The hellos of one node, by the other side's id. */
export class Introductions {
  readonly #peersMax: number
  /** In the order of the latest word. */
  readonly #peers = new Map<string, Acquaintance>()
  #own: Hello | undefined

  /** @param peersMax - the one longest silent is forgotten, and has to show his hello again */
  constructor(peersMax: number) {
    this.#peersMax = peersMax
  }

  /** Who this node is; undefined until it was introduced. */
  get own(): Hello | undefined {
    return this.#own
  }

  /** Says who this node is: everybody has to be shown. */
  introduce(hello: Hello): void {
    encodeHello(hello)
    const former = this.#own
    this.#own = hello
    this.showAgain()
    // Whoever passed the former comparison may not pass this one.
    if (former?.clusterId === hello.clusterId && former.protocolVersion === hello.protocolVersion) return
    for (const peer of this.#peers.values()) peer.helloText = undefined
  }

  /** What is known of a peer, if anything. */
  find(id: string): Acquaintance | undefined {
    return this.#peers.get(id)
  }

  /**
   * What is known of a peer with whom there is something to be said now.
   *
   * @param transport - how he is addressed, where that is known
   */
  note(id: string, transport?: JsonValue): Acquaintance {
    const known = this.#peers.get(id)
    const unknown = { id, transport: null, helloText: undefined, isShown: false, isSent: false }
    const peer: Acquaintance = known ?? unknown
    if (transport !== undefined) peer.transport = transport
    this.#peers.delete(id)
    this.#peers.set(id, peer)
    if (this.#peers.size > this.#peersMax) this.#forgetOldest()
    return peer
  }

  /**
   * Takes a peer's hello.
   *
   * @param from - who the relay says it is from
   * @throws {MalformedMessageError} it speaks for somebody else
   */
  meet(from: string, sender: SenderRef, hello: Hello): Meeting {
    assertSender(from, sender)
    const peer = this.note(from, sender.transport)
    const refusal = this.#own === undefined ? undefined : helloRefusal(this.#own, hello, sender)
    if (refusal !== undefined) {
      peer.helloText = undefined
      return { refusal, isNews: false }
    }
    const text = encodeHello(hello)
    const isNews = peer.helloText !== text
    if (isNews && peer.helloText !== undefined) peer.isShown = false
    peer.helloText = text
    return { isNews }
  }

  /** A registration has ended: whoever was told of that has forgotten us, and has to be shown our hello again. */
  showAgain(): void {
    for (const peer of this.#peers.values()) {
      peer.isShown = false
      peer.isSent = false
    }
  }

  /** A peer is gone: should he come back, he may have forgotten us. */
  forget(id: string): void {
    this.#peers.delete(id)
  }

  #forgetOldest(): void {
    for (const id of this.#peers.keys()) {
      this.#peers.delete(id)
      return
    }
  }
}

/**
 * A relay names the sender of each message, and nobody speaks for somebody else.
 *
 * @throws {MalformedMessageError} the message names another
 */
export function assertSender(from: string, sender: SenderRef): void {
  if (sender.id === from) return
  const problem = `it names ${JSON.stringify(sender.id)} as its sender, the relay has it from ${JSON.stringify(from)}`
  throw new MalformedMessageError(problem, { id: from })
}
