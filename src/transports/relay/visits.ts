/** Other relays, dialled to reach their clients: a bounded number at a time, and left when nothing is said any more. */

import { type GossipError, type JsonValue, type System, TransportError } from '../../core/index.ts'
import type { RelayLink } from './link.ts'
import { addressKey } from './relay-address.ts'

/** What visits ask of their transport. */
export interface RelayVisitsPorts {
  readonly system: System
  readonly relaysMax: number
  readonly relayIdleTimeoutMs: number
  /** A new link; its end is to be passed on to {@link RelayVisits.onOver}. */
  makeLink(relay: JsonValue): RelayLink
  /** A link that is open already to the node that this relay turned out to be. */
  twinOf(link: RelayLink): RelayLink | undefined
  /** Relayed sessions keep a visit from ending. */
  isInUse(link: RelayLink): boolean
  /** Nobody visits there any more. */
  onLeft(link: RelayLink): void
  tellError(error: GossipError): void
}

/** Addresses that led to a relay which was known under another one; the oldest is forgotten. */
const ALIASES_MAX = 256

interface Visit {
  readonly link: RelayLink
  readonly opened: Promise<void>
}

/** Links to relays that are not the own one. */
export class RelayVisits {
  readonly #ports: RelayVisitsPorts
  readonly #visits = new Map<string, Visit>()
  readonly #aliases = new Map<string, RelayLink>()
  #cancelTimer: (() => void) | undefined

  constructor(ports: RelayVisitsPorts) {
    this.#ports = ports
  }

  /** The links there are. */
  get links(): readonly RelayLink[] {
    return Array.from(this.#visits.values(), ({ link }) => link)
  }

  /**
   * The link to a relay: the one there is, or a new one that is being opened.
   *
   * @throws {TransportError} `GOSSIP_RELAY_LIMIT`: too many relays are in use
   */
  link(relay: JsonValue): RelayLink {
    return this.#alias(relay) ?? this.#visit(relay).link
  }

  /**
   * The link to a relay, once it is open.
   *
   * @throws {GossipError} as a rejection: it cannot be reached, or refuses; too many are in use
   */
  async opened(relay: JsonValue): Promise<RelayLink> {
    const known = this.#alias(relay)
    if (known !== undefined) return known
    const { link, opened } = this.#visit(relay)
    try {
      await opened
      return link
    } catch (error) {
      const twin = this.#alias(relay)
      if (twin === undefined) throw error
      return twin
    }
  }

  /** A link has ended. */
  onOver(link: RelayLink, error: GossipError): void {
    if (!this.#forget(link)) return
    const twin = this.#ports.twinOf(link)
    if (twin === undefined) this.#ports.tellError(error)
    else this.#noteAlias(link.relay, twin)
  }

  /** Leaves all. */
  close(): void {
    this.#cancelTimer?.()
    for (const link of this.links) this.#leave(link)
  }

  #alias(relay: JsonValue): RelayLink | undefined {
    const key = addressKey(relay)
    const twin = this.#aliases.get(key)
    if (twin?.isOpen === true) return twin
    this.#aliases.delete(key)
    return undefined
  }

  #noteAlias(relay: JsonValue, twin: RelayLink): void {
    this.#aliases.set(addressKey(relay), twin)
    if (this.#aliases.size <= ALIASES_MAX) return
    for (const oldest of this.#aliases.keys()) {
      this.#aliases.delete(oldest)
      return
    }
  }

  #visit(relay: JsonValue): Visit {
    const key = addressKey(relay)
    const present = this.#visits.get(key)
    if (present !== undefined) return present
    this.#makeRoom(relay)
    const link = this.#ports.makeLink(relay)
    const visit = { link, opened: link.open() }
    this.#visits.set(key, visit)
    visit.opened.catch((error: GossipError) => this.onOver(link, error))
    this.#arm()
    return visit
  }

  /** The relay longest unused is left for a new one. */
  #makeRoom(relay: JsonValue): void {
    const { relaysMax } = this.#ports
    if (this.#visits.size < relaysMax) return
    const idle = this.links.filter((link) => !this.#ports.isInUse(link))
    const oldest = idle.sort((a, b) => a.lastUsedMs - b.lastUsedMs)[0]
    if (oldest === undefined) {
      const problem = `${this.#visits.size} other relays are in use: relaysMax is ${relaysMax}`
      throw new TransportError('GOSSIP_RELAY_LIMIT', problem, { peer: { transport: relay }, direction: 'outbound' })
    }
    this.#leave(oldest)
  }

  #leave(link: RelayLink): void {
    this.#forget(link)
    link.close()
    this.#ports.onLeft(link)
  }

  #forget(link: RelayLink): boolean {
    const key = addressKey(link.relay)
    if (this.#visits.get(key)?.link !== link) return false
    return this.#visits.delete(key)
  }

  #arm(): void {
    const { system, relayIdleTimeoutMs } = this.#ports
    this.#cancelTimer ??= system.startTimer(() => this.#sweep(), relayIdleTimeoutMs / 2)
  }

  #sweep(): void {
    this.#cancelTimer = undefined
    const { system, relayIdleTimeoutMs } = this.#ports
    for (const link of this.links) {
      const isIdle = system.now() - link.lastUsedMs >= relayIdleTimeoutMs
      if (isIdle && !this.#ports.isInUse(link)) this.#leave(link)
    }
    if (this.#visits.size > 0) this.#arm()
  }
}
