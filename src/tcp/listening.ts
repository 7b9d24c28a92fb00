/** How a transport comes to listen: once, told to everybody who asked, and failed in a way that somebody hears of. */

import { LifecycleError, ListenerError, TransportError } from '../core/index.ts'
import type { TcpAddress } from './address.ts'
import type { Listener } from './listener.ts'
import type { ResolvedTcpOptions } from './options.ts'

/** What listening asks of its transport. */
export interface ListeningPorts {
  createListener(): Listener
  /** Whether anybody listens to an event. */
  isHeard(event: 'error'): boolean
  tellListening(): void
  tellError(error: Error): void
}

/** One transport's way from silence to an address. A failed attempt may be repeated. */
export class Listening {
  readonly #options: Pick<ResolvedTcpOptions, 'host' | 'port' | 'isPortAdvertised'>
  readonly #ports: ListeningPorts
  #listener: Listener | undefined
  #address: TcpAddress | undefined
  #opening: Promise<void> | undefined
  #callbacks: (() => void)[] = []

  /** @param options - the advertised address */
  constructor(options: Pick<ResolvedTcpOptions, 'host' | 'port' | 'isPortAdvertised'>, ports: ListeningPorts) {
    this.#options = options
    this.#ports = ports
  }

  /** The listener of the last attempt. */
  get listener(): Listener | undefined {
    return this.#listener
  }

  /** What to advertise; undefined until it listens. */
  get address(): TcpAddress | undefined {
    return this.#address
  }

  /**
   * Listens, or joins who does already.
   *
   * @param inside - where to bind
   * @param request - whether the caller asked for this very address, and whom to call once it listens
   * @throws {TransportError} as a rejection: `GOSSIP_ALREADY_LISTENING`, or trouble with the address
   */
  open(
    inside: TcpAddress,
    request: { readonly isAsked: boolean; readonly onListening: (() => void) | undefined },
  ): Promise<void> {
    if (this.#opening !== undefined && request.isAsked) return Promise.reject(alreadyListening())
    if (request.onListening !== undefined) this.#callbacks.push(request.onListening)
    this.#opening ??= this.#attempt(inside)
    if (this.#address !== undefined) process.nextTick(() => this.#tellCallbacks())
    return this.#opening
  }

  #attempt(inside: TcpAddress): Promise<void> {
    const opening: Promise<void> = this.#bind(inside).catch((error: unknown) => {
      this.#opening = undefined
      this.#callbacks = []
      const isOurDoing = error instanceof LifecycleError
      const isHeard = this.#ports.isHeard('error')
      // Node throws what a promise fails with that nobody awaits: right, unless somebody is told in another way.
      if (isOurDoing || isHeard) opening.catch(() => {})
      if (!isOurDoing && isHeard) this.#ports.tellError(error as Error)
      throw error
    })
    return opening
  }

  async #bind(inside: TcpAddress): Promise<void> {
    const listener = this.#ports.createListener()
    this.#listener = listener
    const boundPort = await listener.listen(inside)
    const { host, port, isPortAdvertised } = this.#options
    this.#address = { host, port: isPortAdvertised ? port : boundPort }
    this.#ports.tellListening()
    this.#tellCallbacks()
  }

  #tellCallbacks(): void {
    for (const callback of this.#callbacks.splice(0)) {
      try {
        callback()
      } catch (cause) {
        this.#ports.tellError(new ListenerError('listening', cause))
      }
    }
  }
}

function alreadyListening(): TransportError {
  return new TransportError('GOSSIP_ALREADY_LISTENING', 'the transport already listens', { direction: 'inbound' })
}
