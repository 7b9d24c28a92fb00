/** All addresses that messages go to, the least recently used first, and the dials under way by their tokens. */

import type { PeerRef } from '../../core/index.ts'
import type { UdpAddress } from './address.ts'
import { Dial, type DialPorts } from './dial.ts'
import type { RingKey } from './key-ring.ts'
import { type OutMessage, Target, type TargetPorts } from './target.ts'

/** What the table asks of its transport beside what a target does. */
export interface TargetsPorts extends Omit<TargetPorts, 'startDial' | 'endDial'> {
  readonly dial: DialPorts
  /** The key that new connections are made with. */
  firstKey(): RingKey | undefined
  /** Something waits that was not waiting before. */
  onBusy(): void
}

/** A table of targets. */
export class Targets {
  readonly #ports: TargetsPorts
  readonly #targetPorts: TargetPorts
  readonly #targets = new Map<string, Target>()
  readonly #busy = new Set<Target>()
  readonly #dials = new Map<string, { readonly dial: Dial; readonly target: Target }>()

  constructor(ports: TargetsPorts) {
    this.#ports = ports
    this.#targetPorts = {
      ...ports,
      startDial: (target, nowMs) => this.#startDial(target, nowMs),
      endDial: (dial) => void this.#dials.delete(keyOf(dial.token)),
    }
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#targets.size
  }

  /** Dials under way. */
  get dials(): number {
    return this.#dials.size
  }

  /** Messages that wait. */
  get queued(): number {
    let queued = 0
    for (const target of this.#busy) queued += target.queued
    return queued
  }

  /** Sends a message to an address. */
  send(address: UdpAddress, message: OutMessage, peer: PeerRef): void {
    const target = this.#target(address)
    target.send(message, peer)
    if (target.isBusy) this.#noteBusy(target)
  }

  /** The dial that a packet belongs to. */
  dialOf(token: Buffer): Dial | undefined {
    return this.#dials.get(keyOf(token))?.dial
  }

  /** A dial has led to a connection, which is in the table by now. */
  onDialled(dial: Dial, nowMs: number): void {
    const target = this.#dials.get(keyOf(dial.token))?.target
    this.#dials.delete(keyOf(dial.token))
    target?.onDialled(nowMs)
  }

  /** Something has changed about the connection to an endpoint: what waits for it may go. */
  pump(endpointKey: string, nowMs: number): void {
    for (const target of this.#busy) if (target.covers(endpointKey)) target.pump(nowMs)
  }

  /** The other side of a connection says that it does not know it. O(targets). */
  doubt(endpointKey: string, nowMs: number): void {
    for (const target of this.#targets.values()) {
      if (!target.covers(endpointKey)) continue
      target.doubt(nowMs)
      if (target.isBusy) this.#noteBusy(target)
    }
  }

  /** Goes on with what waits; returns whether anything does. */
  poll(nowMs: number): boolean {
    for (const target of this.#busy) {
      target.poll(nowMs)
      target.pump(nowMs)
      if (!target.isBusy) this.#busy.delete(target)
    }
    return this.#busy.size > 0
  }

  /** Drops everything. */
  dispose(): void {
    for (const target of this.#targets.values()) target.dispose()
    this.#targets.clear()
    this.#busy.clear()
  }

  #target(address: UdpAddress): Target {
    const key = `${address.host}:${address.port}`
    let target = this.#targets.get(key)
    if (target === undefined) target = new Target(address, this.#targetPorts)
    else this.#targets.delete(key)
    this.#targets.set(key, target)
    if (this.#targets.size > this.#ports.limits.peersMax) this.#removeOldest()
    return target
  }

  #removeOldest(): void {
    for (const [key, oldest] of this.#targets) {
      this.#targets.delete(key)
      this.#busy.delete(oldest)
      oldest.dispose()
      return
    }
  }

  #startDial(target: Target, nowMs: number): Dial | undefined {
    if (this.#dials.size >= this.#ports.limits.dialsMax) {
      this.#ports.onDropped()
      return undefined
    }
    const dial = new Dial(this.#ports.firstKey(), this.#ports.dial, nowMs)
    this.#dials.set(keyOf(dial.token), { dial, target })
    return dial
  }

  #noteBusy(target: Target): void {
    this.#busy.add(target)
    this.#ports.onBusy()
  }
}

function keyOf(token: Buffer): string {
  return token.toString('latin1')
}
