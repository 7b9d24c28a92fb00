/**
 * Who is in the ring: live peers and this node, as far as `isMember` lets them. It follows the node's events, and works
 * them in when somebody asks, so that a burst of them costs one rebuild.
 */

import { ListenerError, type NodeEvents, type PeerView } from '../core/index.ts'
import { Circle, type Member } from './circle.ts'
import type { RingPeer } from './events.ts'
import { MemberCache } from './member-cache.ts'
import type { ResolvedRingOptions, RingNode } from './options.ts'

/** What a roster tells its ring. */
export interface RosterListeners {
  /** Something may have changed: ask again, in a later turn. */
  readonly onStir: () => void
  /** `isMember` threw; the peer counts as none. */
  readonly onError: (error: Error) => void
}

type Listening = { [E in keyof NodeEvents]?: NodeEvents[E] }

/** Mutable; `circle` is brought up to date by reading it. */
export class Roster {
  readonly #node: RingNode
  readonly #options: ResolvedRingOptions
  readonly #listeners: RosterListeners
  readonly #cache: MemberCache
  readonly #self: Member
  /** Peers whose standing may have changed since the circle was made. */
  readonly #stirred = new Set<string>()
  /** Peers that would be members if they lived, and of which that is not certain yet. */
  readonly #expected = new Set<string>()
  /** Members as they were when they were let in, for the moment in which the node has dropped one already. */
  readonly #lastSeen = new Map<string, RingPeer>()
  #circle = new Circle()
  #isClosed = false
  #changedAt: number
  readonly #listening: Listening = {
    'new peer': ({ id }) => {
      this.#cache.prepare(id)
      this.#stir(id)
    },
    'peer live': ({ id }) => this.#stir(id),
    'peer dead': ({ id }) => this.#stir(id),
    'peer left': ({ id }) => this.#stir(id),
    'peer metadata': ({ id }) => this.#stir(id),
    'peer removed': (id) => {
      this.#cache.forget(id)
      this.#stir(id)
    },
  }

  constructor(node: RingNode, options: ResolvedRingOptions, listeners: RosterListeners) {
    this.#node = node
    this.#options = options
    this.#listeners = listeners
    this.#cache = new MemberCache(options.virtualNodes, options.system)
    this.#self = this.#cache.get(node.id)
    this.#changedAt = options.system.now()
    this.#eachListener((event, listener) => node.on(event, listener))
    this.#stirAll()
    // Who is found here was there before: nothing has changed yet.
    this.#work()
  }

  /** This node, member or not. */
  get self(): Member {
    return this.#self
  }

  /** The members as the node sees them now. */
  get circle(): Circle {
    this.#work()
    return this.#circle
  }

  /** Whether somebody may soon come who is not a member yet. */
  get expectsSomebody(): boolean {
    this.#work()
    return this.#expected.size > 0
  }

  /** When members last came or went, by the system's clock, ms. */
  get changedAt(): number {
    this.#work()
    return this.#changedAt
  }

  /** A member as it is now. */
  peerOf(id: string): RingPeer {
    if (id === this.#node.id) return this.#selfPeer()
    const view = this.#node.peer(id)
    return view === undefined ? (this.#lastSeen.get(id) ?? unseen(id)) : peerOfView(view)
  }

  /** Looks at every peer again: for what no event tells, such as what `isMember` thinks. O(peers). */
  reconsider(): void {
    this.#stirAll()
    this.#work()
  }

  /** Stops listening, and lets everybody go. */
  close(): void {
    this.#isClosed = true
    this.#eachListener((event, listener) => this.#node.off(event, listener))
    this.#cache.clear()
    this.#stirred.clear()
    this.#expected.clear()
    this.#lastSeen.clear()
    this.#circle = new Circle()
  }

  #stir(id: string): void {
    this.#stirred.add(id)
    this.#listeners.onStir()
  }

  #stirAll(): void {
    this.#stirred.add(this.#node.id)
    for (const { id } of this.#node.peers()) this.#stirred.add(id)
    for (const { id } of this.#circle.members) this.#stirred.add(id)
  }

  #work(): void {
    if (this.#stirred.size === 0) return
    const joining: Member[] = []
    const leaving = new Set<string>()
    const stirred = [...this.#stirred]
    // Before anybody is asked: `isMember` may ask the ring in turn.
    this.#stirred.clear()
    for (const id of stirred) {
      const isMember = this.#judge(id)
      if (isMember && !this.#circle.has(id)) joining.push(this.#cache.get(id))
      else if (!isMember && this.#circle.has(id)) leaving.add(id)
    }
    // What `isMember` is asked may have ended the ring.
    if (this.#isClosed || (joining.length === 0 && leaving.size === 0)) return
    this.#circle = this.#circle.with({ joining, leaving })
    this.#changedAt = this.#options.system.now()
  }

  /** Whether it is a member now; keeps the books about it. */
  #judge(id: string): boolean {
    const isSelf = id === this.#node.id
    const view = isSelf ? undefined : this.#node.peer(id)
    const peer = isSelf ? this.#selfPeer() : view === undefined ? undefined : peerOfView(view)
    const isHopeful = isSelf || view?.status === 'live' || view?.status === 'unproven'
    const isWanted = peer !== undefined && isHopeful && this.#isWanted(peer)
    const isMember = isWanted && view?.status !== 'unproven'
    if (isWanted && !isMember) this.#expected.add(id)
    else this.#expected.delete(id)
    if (isMember) this.#lastSeen.set(id, peer)
    else this.#lastSeen.delete(id)
    return isMember
  }

  #isWanted(peer: RingPeer): boolean {
    try {
      return this.#options.isMember(peer) === true
    } catch (cause) {
      this.#listeners.onError(new ListenerError('isMember', cause))
      return false
    }
  }

  #selfPeer(): RingPeer {
    const { id, generation, address, metadata } = this.#node
    return { id, generation, transport: address, metadata, isOld: false }
  }

  #eachListener(use: <E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]) => unknown): void {
    for (const [event, listener] of Object.entries(this.#listening)) use(event as 'peer live', listener as never)
  }
}

function peerOfView({ id, generation, transport, metadata, isOld }: PeerView): RingPeer {
  return { id, generation, transport, metadata, isOld }
}

/** A peer that the node has dropped since, and that was let in by nobody. */
function unseen(id: string): RingPeer {
  return { id, generation: 0, transport: undefined, metadata: undefined, isOld: false }
}
