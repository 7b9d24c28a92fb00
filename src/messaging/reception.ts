/** Where messages of others arrive: finds who handles them, in whatever space, and handles what needs no answer. */

import { type GossipError, MalformedMessageError, type SenderRef, type Session } from '../core/index.ts'
import { MessagingError, messageOf } from './errors.ts'
import type { Handler, HandlerTable, Way } from './handler.ts'
import { decodeMessage, isMessage, type Space, type Target } from './message.ts'
import type { Payload } from './payload.ts'
import type { Services } from './services.ts'

/** What a reception asks of its messenger. */
export interface ReceptionPorts {
  readonly id: string
  /** Handlers by name, for each space that has nothing but names. */
  readonly tables: Readonly<Record<Exclude<Space, 'service'>, HandlerTable>>
  readonly services: Services
  tellError(error: Error): void
}

/** The reception of one messenger. */
export class Reception {
  readonly #ports: ReceptionPorts
  #failedSends = 0

  constructor(ports: ReceptionPorts) {
    this.#ports = ports
  }

  /** Sends and datagrams that nobody handled, or whose handler threw. */
  get failedSends(): number {
    return this.#failedSends
  }

  /** Who handles what is sent there; else why nobody does. */
  handlerOf({ space, name }: Target, way: Way): Handler | GossipError {
    const { services, tables, id } = this.#ports
    if (space === 'service') return services.handlerOf(name, way)
    const unknown = `nobody handles ${JSON.stringify(name)} at ${id}`
    return tables[space].find(name) ?? new MessagingError('GOSSIP_HANDLER_UNKNOWN', unknown)
  }

  /** Handles a datagram, if it is a message: others may use datagrams too. */
  takeDatagram(from: SenderRef, bytes: Uint8Array): void {
    if (!isMessage(bytes)) return
    const message = decodeMessage(bytes)
    if (message?.kind === 'send') void this.takeSend(message.target, message.payload, from.id, undefined)
    else this.#ports.tellError(new MalformedMessageError('a datagram that cannot be read', from))
  }

  /** Handles what needs no answer. Never rejects. */
  async takeSend(target: Target, payload: Payload, from: string, session: Session | undefined): Promise<void> {
    const way = session === undefined ? 'datagram' : 'send'
    const handler = this.handlerOf(target, way)
    if (typeof handler !== 'function') {
      this.#failedSends++
      this.#ports.tellError(handler)
      return
    }
    try {
      await handler(payload, { from, way, session, signal: new AbortController().signal })
    } catch (thrown) {
      this.#failedSends++
      const problem = `${JSON.stringify(target.name)} of ${from}: ${messageOf(thrown)}`
      this.#ports.tellError(new MessagingError('GOSSIP_HANDLER_FAILED', problem, { peer: from, cause: thrown }))
    }
  }
}
