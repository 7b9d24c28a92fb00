/**
 * Services of this node on ports, and what other nodes say of theirs. A port is a number or a name and no port of the
 * operating system. What is open is gossiped under one reserved key, so that everybody can list and watch it; what a
 * service takes is decided here, by its mode, whatever the other side believes.
 */

import { InvalidOptionError, integerIn, isPlainObject, type JsonValue, type ReservedKeys } from '../core/index.ts'
import { MessagingError } from './errors.ts'
import { assertHandler, assertName, type Handler, type Way } from './handler.ts'
import type { MessagingNode } from './lines.ts'

/** What a service takes: one-way messages, requests, or datagrams, which may also come as one-way messages. */
export type ServiceMode = 'send' | 'request' | 'unreliable'

/** Where a service is reached. */
export type Port = number | string

/** A service as it is known. */
export interface ServiceView {
  /** The id of the node that has it. */
  readonly peer: string
  readonly port: Port
  readonly name: string
  readonly mode: ServiceMode
}

/** A service of this node. */
export interface Service extends ServiceView {
  /**
   * Resolves when its handler can be called: at once, but for one in a worker. Rejects with `GOSSIP_WORKER_FAILED` where
   * that cannot be loaded; the port stays open then, and answers with the same code. Need not be waited for.
   */
  readonly ready: Promise<void>
  /** Closes the port, and withdraws it everywhere. May be called again. */
  close(): void
}

/** Which services are meant. */
export interface ServiceFilter {
  readonly name?: string | undefined
  /** Only of this node. */
  readonly peer?: string | undefined
}

/** A change among services; `synced` once, after those that were open when the watch began. */
export type ServiceChange =
  | { readonly type: 'open' | 'close'; readonly service: ServiceView }
  | { readonly type: 'synced' }

const WAYS: { readonly [mode in ServiceMode]: readonly Way[] } = {
  send: ['send'],
  request: ['request'],
  unreliable: ['datagram', 'send'],
}
const PORT_MAX = 65_535
const KEY = 'services'

/** The services of one messenger. */
export class Services {
  readonly #node: MessagingNode
  readonly #keys: ReservedKeys
  readonly #max: number
  readonly #open = new Map<string, { readonly view: ServiceView; readonly handler: Handler }>()

  /** @param max - services that may be open */
  constructor(node: MessagingNode, max: number) {
    this.#node = node
    this.#max = max
    this.#keys = node.reservedKeys('messaging')
  }

  /** Opens a port; see `Messenger.open`. */
  open(
    port: Port,
    facts: { readonly name?: string | undefined; readonly mode: ServiceMode },
    handler: Handler,
  ): Service {
    const key = portKey(port)
    const { mode, name = key } = facts
    assertName('name', name)
    if (!isMode(mode)) throw new InvalidOptionError('mode', "'send', 'request' or 'unreliable'", mode)
    assertHandler(handler)
    if (this.#open.has(key)) throw new MessagingError('GOSSIP_PORT_TAKEN', `port ${key} is open already`)
    if (this.#open.size >= this.#max) {
      throw new MessagingError('GOSSIP_HANDLER_LIMIT', `${this.#max} ports are open already`)
    }
    const view: ServiceView = { peer: this.#node.id, port: portOf(key), name, mode }
    this.#open.set(key, { view, handler })
    try {
      this.#announce()
    } catch (error) {
      this.#open.delete(key)
      throw error
    }
    const close = (): void => {
      if (this.#open.get(key)?.view !== view) return
      this.#open.delete(key)
      this.#announce()
    }
    return { ...view, ready: Promise.resolve(), close }
  }

  /** What is open on a port of this node. */
  find(key: string): ServiceView | undefined {
    return this.#open.get(key)?.view
  }

  /** Who handles what came on a port in some way, else why nobody does. */
  handlerOf(key: string, way: Way): Handler | MessagingError {
    const service = this.#open.get(key)
    if (service === undefined) {
      return new MessagingError('GOSSIP_PORT_CLOSED', `port ${key} of ${this.#node.id} is not open`)
    }
    if (WAYS[service.view.mode].includes(way)) return service.handler
    return new MessagingError('GOSSIP_SERVICE_MODE', `port ${key} takes no ${way}: its mode is ${service.view.mode}`)
  }

  /** What is open at nodes that are not dead and have not left, this one included. O(peers). */
  list(filter: ServiceFilter = {}): readonly ServiceView[] {
    const alive = this.#node.peers().filter(({ status }) => status === 'live' || status === 'unproven')
    return [this.#node.id, ...alive.map(({ id }) => id)].flatMap((peer) => this.#of(peer, filter))
  }

  /** Follows what opens and closes; see `Messenger.watchServices`. */
  async *watch(filter: ServiceFilter, signal: AbortSignal | undefined): AsyncGenerator<ServiceChange, void> {
    const told = new Map<string, readonly ServiceView[]>()
    const peers = filter.peer === undefined ? undefined : [filter.peer]
    for await (const change of this.#keys.watch({ signal, peers })) {
      if (change.type === 'synced') {
        yield change
        continue
      }
      const { peer } = change
      const before = told.get(peer) ?? []
      const now = this.#isAlive(peer) ? this.#of(peer, filter) : []
      if (now.length > 0) told.set(peer, now)
      else told.delete(peer)
      for (const service of before) if (!includes(now, service)) yield { type: 'close', service }
      for (const service of now) if (!includes(before, service)) yield { type: 'open', service }
    }
  }

  /** Closes every port. */
  closeAll(): void {
    this.#open.clear()
    try {
      this.#keys.delete(KEY)
    } catch {
      // The node was closed first, so nobody will be told anything any more.
      return
    }
  }

  #announce(): void {
    if (this.#open.size === 0) this.#keys.delete(KEY)
    else
      this.#keys.set(KEY, Object.fromEntries([...this.#open].map(([key, { view }]) => [key, [view.name, view.mode]])))
  }

  #isAlive(peer: string): boolean {
    const status = this.#node.peer(peer)?.status
    return peer === this.#node.id || status === 'live' || status === 'unproven'
  }

  #of(peer: string, { name, peer: only }: ServiceFilter): ServiceView[] {
    if (only !== undefined && only !== peer) return []
    const all = parseServices(peer, this.#keys.get(peer, KEY))
    return name === undefined ? all : all.filter((service) => service.name === name)
  }
}

/**
 * One text for both forms of a port.
 *
 * @throws {InvalidOptionError} neither a number in [1, 65535] nor a name that is no number
 */
export function portKey(port: unknown): string {
  if (typeof port === 'number') return String(integerIn('port', port, 1, PORT_MAX))
  assertName('port', port)
  if (/^\d+$/.test(port)) throw new InvalidOptionError('port', 'a name that is no number', port)
  return port
}

/** The port of its text. */
export function portOf(key: string): Port {
  return /^\d+$/.test(key) ? Number(key) : key
}

/** Whether it is a mode. */
export function isMode(value: unknown): value is ServiceMode {
  return typeof value === 'string' && Object.hasOwn(WAYS, value)
}

/** What a peer says of its services; what cannot be read is left out. */
function parseServices(peer: string, value: JsonValue | undefined): ServiceView[] {
  if (!isPlainObject(value)) return []
  return Object.entries(value).flatMap(([key, facts]) => {
    const [name, mode] = Array.isArray(facts) ? (facts as unknown[]) : []
    return typeof name === 'string' && isMode(mode) ? [{ peer, port: portOf(key), name, mode }] : []
  })
}

function includes(services: readonly ServiceView[], { port, name, mode }: ServiceView): boolean {
  return services.some((one) => one.port === port && one.name === name && one.mode === mode)
}
