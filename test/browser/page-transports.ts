/**
 * WebSocket transports that live in a page, to be used from here: calls go to the page, and what the transports tell
 * comes back, both in their order.
 */

import type { Page } from 'playwright-core'
import {
  type Hello,
  type JsonValue,
  type PeerRef,
  type SenderRef,
  type Transport,
  TransportError,
} from '../../src/core/index.ts'
import { TransportEmitter } from '../../src/transports/index.ts'
import type { PageGlobals } from './page-globals.ts'

declare const gossip: PageGlobals['gossip']
declare const pageTransports: PageGlobals['pageTransports']
declare const tellOutside: PageGlobals['tellOutside']

type Method = 'introduce' | 'digest' | 'deltas' | 'rpc'

/** All transports of one page. */
export class PageTransports {
  readonly #page: Page
  readonly #made: PageTransport[] = []

  private constructor(page: Page) {
    this.#page = page
  }

  /** @param page - has loaded the bundle */
  static async in(page: Page): Promise<PageTransports> {
    const transports = new PageTransports(page)
    await page.exposeFunction('tellOutside', (at: number, event: string, facts: string) => {
      transports.#made[at]?.tell(event, JSON.parse(facts) as JsonValue[])
    })
    await page.evaluate(() => void Object.assign(globalThis, { pageTransports: [] }))
    return transports
  }

  /** Makes one. */
  async make(options: object): Promise<Transport> {
    const maxMessageBytes = await this.#page.evaluate((given) => {
      const transport = new gossip.WebSocketTransport(given)
      const at = pageTransports.push(transport) - 1
      for (const event of ['digest', 'deltas', 'hello', 'rpc'] as const) {
        transport.on(event, (...facts: unknown[]) => void tellOutside(at, event, JSON.stringify(facts)))
      }
      transport.on('error', (error) => {
        const { code, peer, direction } = error as unknown as Record<string, unknown>
        void tellOutside(at, 'error', JSON.stringify([{ code, message: error.message, peer, direction }]))
      })
      return transport.maxMessageBytes
    }, options)
    const transport = new PageTransport(this.#page, this.#made.length, maxMessageBytes)
    this.#made.push(transport)
    return transport
  }
}

/** One of them, as a transport of this side. */
class PageTransport extends TransportEmitter implements Transport {
  readonly maxMessageBytes: number
  readonly #page: Page
  readonly #at: number

  constructor(page: Page, at: number, maxMessageBytes: number) {
    super()
    this.#page = page
    this.#at = at
    this.maxMessageBytes = maxMessageBytes
  }

  get address(): undefined {
    return undefined
  }

  async listen(): Promise<void> {
    await this.#page.evaluate((at) => pageTransports[at]?.listen(), this.#at)
  }

  async close(): Promise<void> {
    await this.#page.evaluate((at) => pageTransports[at]?.close(), this.#at)
  }

  introduce(hello: Hello): void {
    this.#call('introduce', hello)
  }

  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#call('digest', remotePeer, localPeer, digestToSend)
  }

  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#call('deltas', remotePeer, localPeer, deltasToSend)
  }

  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    this.#call('rpc', remotePeer, payload)
  }

  /** What the transport in the page told. */
  tell(event: string, facts: readonly JsonValue[]): void {
    if (event === 'error') this.emit('error', revived(facts[0]))
    else this.emit(event as 'digest', ...(facts as [SenderRef, JsonValue]))
  }

  #call(method: Method, ...facts: readonly unknown[]): void {
    const text = JSON.stringify(facts)
    const called = this.#page.evaluate(
      ([at, name, given]) => {
        const transport = pageTransports[at] as unknown as Record<string, (...facts: unknown[]) => void> | undefined
        transport?.[name]?.(...(JSON.parse(given) as unknown[]))
      },
      [this.#at, method, text] as const,
    )
    called.catch((cause: unknown) => {
      const error = new TransportError('GOSSIP_PAGE_THREW', String(cause), { direction: 'outbound', cause })
      this.emit('error', error)
    })
  }
}

function revived(fact: JsonValue | undefined): Error {
  const { code, message, peer, direction } = fact as Record<string, JsonValue>
  return new TransportError(String(code), String(message), { peer, direction: direction as 'inbound' | 'outbound' })
}
