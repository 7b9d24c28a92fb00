/** What may be sent to addresses that only a message named: `ReplyAllowance`, by TCP address and id, and what it withheld. */

import { TransportError } from '../core/index.ts'
import { RepeatedReport, ReplyAllowance, type ReplyLimits } from '../transports/index.ts'
import { addressKey, findAddress, type TcpAddress } from './address.ts'

/** Bounds of an allowance, and whether a silent end is proof enough. */
export interface TcpReplyLimits extends ReplyLimits {
  readonly acceptOldPeers: boolean
}

/** The allowance of one transport. A peer without an id is a seed: this node's own idea. */
export class Replies {
  readonly #acceptOldPeers: boolean
  readonly #allowance: ReplyAllowance
  readonly #report: RepeatedReport

  /** @param tellError - told about withheld messages, once a second at most */
  constructor(limits: TcpReplyLimits, now: () => number, tellError: (error: Error) => void) {
    this.#acceptOldPeers = limits.acceptOldPeers
    this.#allowance = new ReplyAllowance(limits)
    this.#report = new RepeatedReport(now, (times) => tellError(withheld(times, limits.replyFactorMax)))
  }

  /** Peers that are held to what came in their name. */
  get unproven(): number {
    return this.#allowance.unproven
  }

  /** Bytes came in the name of a sender. */
  received(sender: { readonly id: string; readonly transport: unknown }, bytes: number): void {
    const address = findAddress(sender.transport)
    if (address !== undefined) this.#allowance.received(keyOf(address, sender.id), bytes)
  }

  /** Whether a peer may be sent so many bytes at an address. */
  affords(address: TcpAddress, id: string | undefined, bytes: number): boolean {
    return id === undefined || this.#allowance.affords(keyOf(address, id), bytes)
  }

  /** Notes that it is sent so many bytes there. */
  spend(address: TcpAddress, id: string | undefined, bytes: number): void {
    if (id !== undefined) this.#allowance.spend(keyOf(address, id), bytes)
  }

  /** It answered there. */
  prove(address: TcpAddress, id: string): void {
    this.#allowance.prove(keyOf(address, id))
  }

  /** It took a message and ended without a word. That is all the proof that the first generation can give. */
  noteSilentEnd(address: TcpAddress, id: string | undefined): void {
    if (this.#acceptOldPeers && id !== undefined) this.prove(address, id)
  }

  /** A message was dropped. */
  noteWithheld(): void {
    this.#report.add()
  }

  /** Reports what has piled up. Worth calling once a second. */
  poll(): void {
    this.#report.poll()
  }
}

/** No host has a blank, so no two pairs have one key. */
function keyOf(address: TcpAddress, id: string): string {
  return `${addressKey(address)} ${id}`
}

function withheld(times: number, factor: number): TransportError {
  const problem = `${times} messages were withheld from peers that did not answer at the address they named: replyFactorMax is ${factor}`
  return new TransportError('GOSSIP_REPLY_WITHHELD', problem, { direction: 'outbound' })
}
