/**
 * Pairs: a node is in one at most, a pair ends with its session, what begins is told once and ends once, and in peace both
 * sides hold the same.
 */

import type { Pair } from '../../../messaging/index.ts'
import { type CheckPorts, codeOf, type ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'

const TIMEOUT_MS = 5_000

/** See the head of this file. */
export class PairsCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  /** The pair that each life was told of last, and that has not ended. */
  readonly #told = new Map<ServiceLife, Pair>()

  constructor(ports: CheckPorts) {
    this.#ports = ports
  }

  attach(life: ServiceLife): void {
    const { journal } = this.#ports
    life.messenger.on('pair', (pair) => {
      const former = this.#told.get(life)
      if (former !== undefined) this.#object(life, `is in a pair with ${pair.peer}, and with ${former.peer}`)
      if (pair.session.isClosed) this.#object(life, `is in a pair with ${pair.peer} on a session that is over`)
      this.#told.set(life, pair)
      journal.count('pairs')
      journal.note(life.label, 'pair', { peer: pair.peer })
      journal.follow(life.label, `a pair of ${life.label} with ${pair.peer}`, pair.ended)
    })
    life.messenger.on('unpair', (pair, { reason, error }) => {
      if (this.#told.get(life) !== pair)
        this.#object(life, `is told of the end of a pair with ${pair.peer} it was not in`)
      this.#told.delete(life)
      if (reason === 'lost' && error !== undefined) journal.count('lostPairs')
      journal.note(life.label, 'unpair', { peer: pair.peer, reason, code: error?.code })
    })
    life.messenger.on('disconnect', (session) => {
      // By the next event of the clock whoever follows sessions has been told too.
      journal.time.startTimer(() => {
        const { currentPair } = life.messenger
        if (currentPair?.session === session)
          this.#object(life, `stays in a pair with ${currentPair.peer} without a session`)
      }, 0)
    })
  }

  /** Asks a peer to pair. */
  pair(life: ServiceLife, to: string): void {
    if (to === life.name) return
    const what = `${life.label} pairing with ${to}`
    const { journal } = this.#ports
    const work = life.messenger.pair(to, { timeoutMs: TIMEOUT_MS }).then(
      ({ peer }) => {
        if (peer !== to) this.#object(life, `asks ${to} to pair, and gets ${peer}`)
      },
      (error: unknown) => {
        journal.note(life.label, 'no pair', { peer: to, code: codeOf(error) })
        if (codeOf(error) === undefined) this.#object(life, `pairs with nobody, without a code: ${String(error)}`)
      },
    )
    journal.follow(life.label, what, work)
  }

  /** Ends the pair of a life, if there is one. */
  release(life: ServiceLife): void {
    const pair = life.messenger.currentPair
    pair?.release()
    if (pair !== undefined && life.messenger.currentPair === pair) this.#object(life, 'releases a pair and stays in it')
  }

  missing(): readonly string[] {
    return this.#ports.lives().flatMap((life) => {
      const { currentPair } = life.messenger
      if (currentPair !== this.#told.get(life)) return [`${life.label} was not told how it is paired`]
      if (currentPair === undefined) return []
      const other = this.#ports.find(currentPair.peer)?.messenger.currentPair
      return other?.peer === life.name ? [] : [`${life.label} is in a pair with ${currentPair.peer}, which is not`]
    })
  }

  #object(life: ServiceLife, problem: string): void {
    this.#ports.journal.object('pairs', life.label, problem)
  }
}
