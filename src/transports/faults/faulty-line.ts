/**
 * The way of a message through the faults: cut or lost, doubled, delayed, held back, damaged, handed on. Chance comes
 * from the seed alone and time from the system, so the same messages at the same times always fare the same.
 */

import { type JsonValue, ListenerError, type PeerRef, seededRandom, TransportError } from '../../core/index.ts'
import { corrupt, corruptBytes } from './corrupt.ts'
import { delayAt } from './delay.ts'
import { type CopyDice, throwDice } from './dice.ts'
import type { FaultStats, Faults } from './faults.ts'
import { type Held, HeldMessages } from './held-messages.ts'
import type { OutgoingMessage } from './message.ts'
import {
  type FaultSettings,
  type ResolvedFaultOptions,
  type ResolvedFaultSettings,
  resolveFaultSettings,
} from './options.ts'
import { partnerKey } from './partner.ts'

/** Where messages and trouble go. */
export interface LineEnds {
  /** Hands a message to the inner transport. */
  readonly deliver: (message: OutgoingMessage) => void
  readonly tellError: (error: Error) => void
  /** The address of the inner transport, as far as it is known. */
  readonly address: () => JsonValue | undefined
}

/** The faults between a node and its transport. */
export class FaultyLine implements Faults {
  readonly seed: number
  readonly #random: () => number
  readonly #ends: LineEnds
  readonly #held: HeldMessages
  /** What is held back to be overtaken, by partner: one at a time, or nothing would be left to overtake. */
  readonly #heldBack = new Map<string, Held>()
  readonly #partitioned = new Set<string>()
  readonly #counts = {
    sent: 0,
    passed: 0,
    lost: 0,
    duplicated: 0,
    delayed: 0,
    reordered: 0,
    corrupted: 0,
    cut: 0,
    dropped: 0,
  }
  #settings: ResolvedFaultSettings
  #isOpen = true

  constructor(options: ResolvedFaultOptions, ends: LineEnds) {
    this.seed = options.seed
    this.#random = seededRandom(options.seed)
    this.#settings = options.settings
    this.#held = new HeldMessages(options.system, options)
    this.#ends = ends
  }

  get settings(): ResolvedFaultSettings {
    return this.#settings
  }

  get stats(): FaultStats {
    return { ...this.#counts, held: this.#held.count }
  }

  set(settings: FaultSettings): void {
    this.#settings = resolveFaultSettings(settings, this.#settings)
  }

  partition(...addresses: readonly JsonValue[]): void {
    for (const address of addresses) this.#partitioned.add(partnerKey(address))
  }

  heal(...addresses: readonly JsonValue[]): void {
    if (addresses.length === 0) this.#partitioned.clear()
    for (const address of addresses) this.#partitioned.delete(partnerKey(address))
  }

  dropHeld(): void {
    this.#heldBack.clear()
    this.#counts.dropped += this.#held.dropAll()
  }

  /** Everything that waits is dropped; from now on messages go straight on, since they are the inner transport's to refuse. */
  close(): void {
    this.#isOpen = false
    this.dropHeld()
  }

  /** The faults are at work again. */
  open(): void {
    this.#isOpen = true
  }

  /**
   * Sends a message on its way.
   *
   * @throws what the inner transport throws, if it is reached at once
   * @throws {InvalidValueError} a message that has to wait, or to be damaged, and that JSON cannot say
   */
  send(message: OutgoingMessage): void {
    this.#counts.sent++
    const dice = throwDice(this.#random)
    if (!this.#isOpen) this.#handOn(message)
    else if (this.#isCut(message)) this.#counts.cut++
    else if (dice.loss < this.#settings.lossChance) this.#counts.lost++
    else {
      this.#start(message, dice.original)
      if (dice.duplicate >= this.#settings.duplicateChance) return
      this.#counts.duplicated++
      this.#start(message, dice.duplicated)
    }
  }

  #start(message: OutgoingMessage, dice: CopyDice): void {
    const delayMs = delayAt(this.#settings.delayMs, dice.delay)
    if (delayMs === 0) this.#leave(message, dice)
    else if (this.#hold(message, delayMs, (copy) => this.#leave(copy, dice)) !== undefined) this.#counts.delayed++
  }

  #leave(message: OutgoingMessage, dice: CopyDice): void {
    const partner = partnerKey(receiverOf(message))
    if (dice.reorder < this.#settings.reorderChance && !this.#heldBack.has(partner)) {
      this.#holdBack(partner, message, dice)
      return
    }
    this.#pass(message, dice)
    const overtaken = this.#heldBack.get(partner)
    if (overtaken !== undefined) this.#held.release(overtaken)
  }

  #holdBack(partner: string, message: OutgoingMessage, dice: CopyDice): void {
    const held = this.#hold(
      message,
      this.#settings.reorderMsMax,
      (copy) => this.#pass(copy, dice),
      () => this.#heldBack.delete(partner),
    )
    if (held === undefined) return
    this.#heldBack.set(partner, held)
    this.#counts.reordered++
  }

  #pass(message: OutgoingMessage, dice: CopyDice): void {
    const { corruptChance, corruption } = this.#settings
    if (dice.corrupt >= corruptChance) {
      this.#handOn(message)
      return
    }
    const random = seededRandom(dice.corruptSeed)
    const damaged: OutgoingMessage =
      message.kind === 'datagram'
        ? { ...message, payload: corruptBytes(message.payload, random) }
        : { ...message, payload: corrupt(message.payload, corruption, random) }
    this.#counts.corrupted++
    this.#handOn(damaged)
  }

  #handOn(message: OutgoingMessage): void {
    this.#counts.passed++
    this.#ends.deliver(message)
  }

  /** What goes wrong later has no caller to throw to: it is told as an error. */
  #hold(
    message: OutgoingMessage,
    delayMs: number,
    leave: (copy: OutgoingMessage) => void,
    onEnd: () => void = () => {},
  ): Held | undefined {
    const held = this.#held.hold(message, delayMs, (copy) => {
      onEnd()
      if (this.#isCut(copy)) {
        this.#counts.cut++
        return
      }
      try {
        leave(copy)
      } catch (error) {
        this.#ends.tellError(error instanceof Error ? error : new Error(String(error)))
      }
    })
    if (held === undefined) {
      this.#counts.dropped++
      const facts = { peer: message.to, direction: 'outbound' } as const
      this.#ends.tellError(new TransportError('GOSSIP_QUEUE_FULL', 'no more messages can be held by faults', facts))
    }
    return held
  }

  /** Whether nothing goes to this peer at the moment: no session is dialled either. */
  isCutOff(to: PeerRef): boolean {
    return this.#isOpen && this.#isCutBetween(this.#ends.address(), to?.transport ?? null)
  }

  #isCut(message: OutgoingMessage): boolean {
    return this.#isCutBetween('from' in message ? message.from.transport : this.#ends.address(), receiverOf(message))
  }

  #isCutBetween(from: JsonValue | undefined, to: JsonValue): boolean {
    if (this.#partitioned.has(partnerKey(to))) return true
    try {
      return this.#settings.isCut(from ?? null, to)
    } catch (cause) {
      this.#ends.tellError(new ListenerError('isCut', cause))
      return false
    }
  }
}

/** A peer without an address is the inner transport's to refuse. */
function receiverOf(message: OutgoingMessage): JsonValue {
  return (message.to as PeerRef | undefined | null)?.transport ?? null
}
