/** The real package and its model side by side: every input goes to both, and after each nothing may tell them apart. */

import * as assert from 'uvu/assert'
import type { JsonValue, SenderRef } from '../../../src/core/index.ts'
import {
  FirstGenerationPeer,
  type FirstGenerationSetup,
  OldPeerCrashedError,
} from '../../../src/sim/first-generation/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { type OldPeer, RealPeer } from './real-peer.ts'

/** An input of a node. */
export type Step =
  | { readonly do: 'set'; readonly key: string; readonly value: JsonValue }
  | { readonly do: 'wait'; readonly ms: number }
  /** Time in which the process does not run, so that its round is late. */
  | { readonly do: 'stall'; readonly ms: number }
  | { readonly do: 'digest'; readonly from: SenderRef; readonly payload: JsonValue }
  | { readonly do: 'deltas'; readonly from: SenderRef; readonly payload: JsonValue }

/** Both nodes, fed by equal streams of chance. */
export class Pair {
  readonly model: OldPeer
  readonly real: OldPeer
  /** The real package threw, and the model said so. */
  isDead = false
  nowMs: number
  readonly #draws = { model: 0, real: 0 }

  constructor(setup: Omit<FirstGenerationSetup, 'random'>, seed: number, startMs: number) {
    const counted = (name: 'model' | 'real'): (() => number) => {
      const random = seededRandom(seed)
      return () => {
        this.#draws[name]++
        return random()
      }
    }
    this.model = new FirstGenerationPeer({ ...setup, random: counted('model') })
    this.real = new RealPeer({ ...setup, random: counted('real') })
    this.nowMs = startMs
  }

  start(): void {
    this.#both((peer) => peer.start(this.nowMs))
  }

  /** Runs one input and compares; waiting runs every round that falls due. */
  run(step: Step): void {
    if (this.isDead) return
    if (step.do === 'set') return this.#both((peer) => peer.set(step.key, step.value))
    if (step.do === 'digest') return this.#both((peer) => peer.receiveDigest(step.from, step.payload, this.nowMs))
    if (step.do === 'deltas') return this.#both((peer) => peer.receiveDeltas(step.from, step.payload, this.nowMs))
    const until = this.nowMs + step.ms
    if (step.do === 'stall') {
      this.nowMs = until
      return
    }
    while (!this.isDead && this.real.deadline <= until) {
      this.nowMs = Math.max(this.nowMs, this.real.deadline)
      this.#both((peer) => peer.tick(this.nowMs))
    }
    this.nowMs = until
    if (!this.isDead) this.#both((peer) => peer.tick(this.nowMs))
  }

  #both(turn: (peer: OldPeer) => void): void {
    const real = outcomeOf(() => turn(this.real))
    const model = outcomeOf(() => turn(this.model))
    if (real === undefined && model !== undefined) throw model
    if (real !== undefined) {
      assert.instance(model, OldPeerCrashedError, `the real package ended with ${real.message}`)
      this.isDead = true
      return
    }
    this.#compare()
  }

  #compare(): void {
    const { model, real } = this
    assert.is(text(model.takeMessages()), text(real.takeMessages()), 'messages')
    assert.is(text(model.peers()), text(real.peers()), 'peers')
    for (const id of [real.id, ...real.peers().map((peer) => peer.id)]) {
      assert.is(text([...model.entries(id)]), text([...real.entries(id)]), `entries of ${id}`)
    }
    assert.is(model.deadline, real.deadline, 'timers')
    assert.is(this.#draws.model, this.#draws.real, 'draws of chance')
  }
}

/** Text and not structure, so that the order of fields and of list items counts. */
function text(value: unknown): string {
  return JSON.stringify(value)
}

function outcomeOf(turn: () => void): Error | undefined {
  try {
    turn()
    return undefined
  } catch (error) {
    return error as Error
  }
}
