/** A message in an outbox: what it says, whom to, and how far it has come. */

import { decodePayload, type Payload } from '../payload.ts'

/** Why a message was not taken there. */
export interface OutboxFailure {
  readonly code: string
  readonly message: string
}

/** What is told of a message. */
export interface OutboxMessage {
  /** The same in every attempt and every life. */
  readonly id: string
  /** Whom it is for. */
  readonly peer: string
  readonly name: string
  readonly payload: Payload
  /** How often the other side has refused it. */
  readonly attempts: number
  /** What the last attempt has failed with; one that reached nobody is not remembered over lives. */
  readonly failure: OutboxFailure | undefined
  /** Whether it is kept and not tried any more. */
  readonly isUndeliverable: boolean
}

/** What `emit` gives for a message that is durable. */
export interface OutboxReceipt {
  readonly id: string
  /**
   * Resolves when the other side has handled it and said so; need not be waited for. Rejects with an `OutboxError`: it
   * expired, is undeliverable, was withdrawn; or the outbox was closed first, and its next life goes on.
   */
  readonly delivered: Promise<void>
}

/** What a letter is made of. */
export interface LetterFacts {
  readonly peer: string
  readonly id: string
  readonly name: string
  /** As `encodePayload` writes it. */
  readonly body: Uint8Array
  /** When it is of no use any more, in the system's time. */
  readonly expiresAt: number
  readonly stream: string
  readonly number: number
}

/** What a letter counts for beside its payload, bytes. */
const LETTER_BYTES = 256

/** A promise that is settled from outside, and harms nobody when it fails unheard. */
export class Outcome {
  readonly promise: Promise<void>
  #resolve: () => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.promise.catch(() => {})
  }

  resolve(): void {
    this.#resolve()
  }

  reject(error: Error): void {
    this.#reject(error)
  }
}

/** One message. */
export class Letter {
  readonly peer: string
  readonly id: string
  readonly name: string
  readonly body: Uint8Array
  readonly expiresAt: number
  /** Under which name of a life its number was given. */
  stream: string
  /** Its place: numbers rise for ever, and are sent in order. */
  number: number
  attempts = 0
  failure: OutboxFailure | undefined
  isUndeliverable = false
  /** Whether it survives this process; not sent before. */
  isDurable = false
  /** Whether an attempt is being made, which may well succeed. */
  isUnderWay = false
  readonly durable: Outcome = new Outcome()
  delivered: Outcome = new Outcome()

  constructor(facts: LetterFacts) {
    this.peer = facts.peer
    this.id = facts.id
    this.name = facts.name
    this.body = facts.body
    this.expiresAt = facts.expiresAt
    this.stream = facts.stream
    this.number = facts.number
  }

  /** What it counts for. */
  get bytes(): number {
    return this.body.length + LETTER_BYTES
  }

  get payload(): Payload {
    return decodePayload(this.body)?.payload
  }

  /** What is told of it, as it is now. */
  view(): OutboxMessage {
    const { id, peer, name, payload, attempts, failure, isUndeliverable } = this
    return { id, peer, name, payload, attempts, failure, isUndeliverable }
  }

  receipt(): OutboxReceipt {
    return { id: this.id, delivered: this.delivered.promise }
  }
}
