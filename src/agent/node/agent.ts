/** One node that runs until it is told to leave, and tells all that happens to it on the way. */

import { type Gossipmonger, type JsonValue, type PeerView, runtimeSystem } from '../../core/index.ts'
import type { KeyValue } from '../cli/index.ts'
import type { Happening } from './happening.ts'
import { RepeatedErrors } from './repeated-errors.ts'
import { Suspicion } from './suspicion.ts'

/** What an agent does beside gossiping. */
export interface AgentPlan {
  readonly keys: readonly KeyValue[]
  /** The keys are deleted everywhere after this time; undefined: never. */
  readonly ttlMs: number | undefined
  readonly gossipIntervalMs: number
}

/** φ at which a live peer is called suspected: one gap in 1,000 and one in 100,000 is that long. */
const SUSPICION_LEVELS = [3, 5]
const POLL_MS_MIN = 20
const POLL_MS_MAX = 1_000

/** A node with an audience. */
export class Agent {
  readonly #node: Gossipmonger
  readonly #plan: AgentPlan
  readonly #tell: (happening: Happening) => void
  readonly #errors = new RepeatedErrors()
  #stopPolling: (() => void) | undefined

  /** @param tell - called with everything that happens, in order */
  constructor(node: Gossipmonger, plan: AgentPlan, tell: (happening: Happening) => void) {
    this.#node = node
    this.#plan = plan
    this.#tell = tell
  }

  /**
   * Sets the keys, listens and begins to gossip.
   *
   * @throws {GossipError} a key or value is refused, or the address cannot be listened at; nothing runs then
   */
  async start(): Promise<void> {
    const { keys, ttlMs } = this.#plan
    for (const { key, value } of keys) this.#node.set(key, value, ttlMs === undefined ? {} : { ttlMs })
    this.#tellEvents()
    // What fails the start is thrown; what it survives is told once it is clear that it does.
    const early: Error[] = []
    let tellError = (error: Error): unknown => early.push(error)
    this.#node.on('error', (error) => tellError(error))
    await this.#node.start()
    const { id, generation, address } = this.#node
    this.#tell({ event: 'listening', id, generation, address: address ?? null })
    tellError = (error) => this.#tellError(error)
    for (const error of early) this.#tellError(error)
    this.#watchSuspicion()
  }

  /** Resolves with the error if another process turns out to have this node's id. */
  conflict(): Promise<Error> {
    return new Promise((resolve) => {
      this.#node.on('conflict', resolve)
    })
  }

  /** Says goodbye and ends. */
  async leave(): Promise<void> {
    const { id } = this.#node
    this.#stopPolling?.()
    this.#tell({ event: 'leaving', id })
    await this.#node.close({ leave: true })
    this.#tell({ event: 'left', id })
  }

  /** Ends without a goodbye. */
  async abandon(): Promise<void> {
    this.#stopPolling?.()
    await this.#node.close()
  }

  #tellEvents(): void {
    const node = this.#node
    for (const event of ['new peer', 'peer live', 'peer left'] as const) {
      node.on(event, (peer) => this.#tell({ event, ...whoAndWhere(peer) }))
    }
    node.on('peer dead', ({ id }) => {
      const { phi = 0, silentMs = 0 } = node.explain(id) ?? {}
      this.#tell({ event: 'peer dead', peer: id, phi, silentMs })
    })
    node.on('peer removed', (peer) => this.#tell({ event: 'peer removed', peer }))
    node.on('update', (peer, key, value) => this.#tell({ event: 'set', peer, key, value }))
    node.on('delete', (peer, key) => this.#tell({ event: 'delete', peer, key }))
  }

  #tellError(error: Error): void {
    const told = this.#errors.note(error, runtimeSystem.now())
    if (told !== undefined) this.#tell({ event: 'error', ...told })
  }

  #watchSuspicion(): void {
    const suspicion = new Suspicion(this.#node, SUSPICION_LEVELS)
    const poll = (): void => {
      for (const { id, phi, deadPeerPhi, silentMs, dueInMs } of suspicion.poll()) {
        this.#tell({ event: 'peer suspected', peer: id, phi, deadPeerPhi, silentMs, dueInMs })
      }
    }
    const periodMs = Math.min(POLL_MS_MAX, Math.max(POLL_MS_MIN, this.#plan.gossipIntervalMs / 2))
    const timer = setInterval(poll, periodMs)
    timer.unref()
    this.#stopPolling = () => clearInterval(timer)
  }
}

function whoAndWhere({ id, generation, transport }: PeerView): {
  peer: string
  generation: number
  address: JsonValue
} {
  return { peer: id, generation, address: transport ?? null }
}
