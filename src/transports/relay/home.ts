/** The registration with the own relay: made anew whenever it is lost, for ever, ever more rarely while it fails. */

import type { GossipError, System } from '../../core/index.ts'
import type { RelayLink } from './link.ts'

/** What the own relay asks of its transport. */
export interface RelayHomePorts {
  readonly system: System
  readonly retryDelayMs: number
  readonly retryDelayMsMax: number
  /** A new link; `onOver` of it is to be passed on to {@link RelayHome.onOver}. */
  makeLink(): RelayLink
  onRegistration(isRegistered: boolean): void
  /** It failed, and will be tried again. */
  tellError(error: GossipError): void
}

/** Keeps one registration alive. */
export class RelayHome {
  readonly #ports: RelayHomePorts
  #link: RelayLink | undefined
  #failures = 0
  #cancelTimer: () => void = () => {}
  #isClosed = false

  constructor(ports: RelayHomePorts) {
    this.#ports = ports
  }

  /** The link, unless there is a pause before the next try. */
  get link(): RelayLink | undefined {
    return this.#link
  }

  /**
   * Registers for the first time.
   *
   * @returns why the relay refused, which is for the user to repair; undefined if it did not, or could not be reached,
   *   which may repair itself
   */
  async start(): Promise<GossipError | undefined> {
    const error = await this.#try()
    if (error === undefined || this.#isClosed || !isRefusal(error)) return undefined
    this.close()
    return error
  }

  /** The link has ended: pause, and register again. */
  onOver(error: GossipError): void {
    this.#link = undefined
    this.#ports.onRegistration(false)
    this.#fail(error)
  }

  /** Gives up the registration. */
  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
    this.#link?.close()
    this.#link = undefined
  }

  async #try(): Promise<GossipError | undefined> {
    const link = this.#ports.makeLink()
    this.#link = link
    try {
      await link.open()
    } catch (error) {
      if (this.#link === link) this.#link = undefined
      this.#fail(error as GossipError)
      return error as GossipError
    }
    if (link.isOver) return undefined
    this.#failures = 0
    this.#ports.onRegistration(true)
    return undefined
  }

  #fail(error: GossipError): void {
    if (this.#isClosed) return
    const { system, retryDelayMs, retryDelayMsMax } = this.#ports
    // Whoever was refused will be refused again for a while.
    const doubled = isRefusal(error) ? retryDelayMsMax : retryDelayMs * 2 ** Math.min(this.#failures++, 30)
    // Clients that lost one relay together do not come back together.
    const delayMs = Math.min(doubled, retryDelayMsMax) * (0.5 + system.random() / 2)
    this.#cancelTimer = system.startTimer(() => void this.#try(), delayMs)
    this.#ports.tellError(error)
  }
}

const REFUSALS: ReadonlySet<string> = new Set([
  'GOSSIP_CLUSTER_FOREIGN',
  'GOSSIP_PROTOCOL_UNSUPPORTED',
  'GOSSIP_RELAY_DUPLICATE',
  'GOSSIP_RELAY_FULL',
  'GOSSIP_RELAY_REFUSED',
  'GOSSIP_RELAY_REPLACED',
  'GOSSIP_RELAY_TOKEN_WRONG',
])

function isRefusal({ code }: GossipError): boolean {
  return REFUSALS.has(code)
}
