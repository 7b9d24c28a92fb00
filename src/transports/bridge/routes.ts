/**
 * Which of several transports leads to a peer. The first that knows a way is taken, until it reports trouble with that
 * peer: then the next one that knows a way is, and so on in a circle.
 */

import type { PeerRef, Transport } from '../../core/index.ts'

/** Most peers whose way has changed that are remembered; the oldest is forgotten. */
export const DETOURS_MAX = 4_096

/** Chooses among transports, in the order they were given. */
export class Routes {
  readonly #transports: readonly Transport[]
  /** By peer: how many ways to pass over. */
  readonly #detours = new Map<string, number>()

  /** @param transports - in the order of preference */
  constructor(transports: readonly Transport[]) {
    this.#transports = transports
  }

  /**
   * The transport for a message, or undefined if none knows a way. O(transports).
   *
   * @param isFit - which transports can do what is wanted
   */
  find(peer: PeerRef, isFit: (transport: Transport) => boolean = () => true): Transport | undefined {
    const ways = this.#waysTo(peer).filter(isFit)
    return ways[(this.#detours.get(keyOf(peer)) ?? 0) % Math.max(1, ways.length)]
  }

  /** A transport had trouble with a peer: the next message takes the next way, where there is one. */
  noteTrouble(peer: PeerRef, from: Transport): void {
    const ways = this.#waysTo(peer)
    const key = keyOf(peer)
    const detour = this.#detours.get(key) ?? 0
    // Trouble with messages that went another way, before, says nothing of the present one.
    if (ways.length < 2 || ways[detour % ways.length] !== from) return
    this.#detours.delete(key)
    this.#detours.set(key, (detour + 1) % ways.length)
    if (this.#detours.size <= DETOURS_MAX) return
    for (const oldest of this.#detours.keys()) {
      this.#detours.delete(oldest)
      return
    }
  }

  #waysTo(peer: PeerRef): Transport[] {
    return this.#transports.filter((transport) => transport.canReach?.(peer) ?? true)
  }
}

function keyOf({ id, transport }: PeerRef): string {
  return id === undefined ? `at ${JSON.stringify(transport)}` : `id ${id}`
}
