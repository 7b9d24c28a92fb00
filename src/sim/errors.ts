/** Failures of a simulation, each with a code. They say what was seen, when, and how to see it again. */

import { GossipError } from '../core/index.ts'
import type { Violation } from './checkers/index.ts'

/** A promise was broken. The simulation can go on, and can be looked at. */
export class ViolationError extends GossipError {
  override readonly name = 'ViolationError'
  override readonly code = 'GOSSIP_SIM_VIOLATION'
  readonly violations: readonly Violation[]

  /** @param violations - at least one; `where`: what distinguishes the run, such as its seed */
  constructor(violations: readonly Violation[], where: string) {
    super(`${violations.map(shownViolation).join('\n')}\n${where}`)
    this.violations = violations
  }
}

/** Something was waited for and did not come. */
export class NotReachedError extends GossipError {
  override readonly name = 'NotReachedError'
  override readonly code = 'GOSSIP_SIM_NOT_REACHED'
  readonly rounds: number
  /** What is still missing, in words. */
  readonly missing: readonly string[]

  constructor(rounds: number, missing: readonly string[], where: string) {
    super(`not reached within ${rounds} rounds${missing.map((line) => `\n  ${line}`).join('')}\n${where}`)
    this.rounds = rounds
    this.missing = missing
  }
}

/** A simulation was told to do something with a peer that is not there, or not in a state for it. Nothing was done. */
export class SimulatedPeerError extends GossipError {
  override readonly name = 'SimulatedPeerError'
  override readonly code = 'GOSSIP_SIM_PEER'
  readonly peer: string

  constructor(peer: string, problem: string) {
    super(`peer ${JSON.stringify(peer)} ${problem}`)
    this.peer = peer
  }
}

/** A violation on one line. */
export function shownViolation({ at, kind, checker, node, problem }: Violation): string {
  return `${(at / 1_000).toFixed(3)} s  ${kind}, ${checker}: ${node} ${problem}`
}
