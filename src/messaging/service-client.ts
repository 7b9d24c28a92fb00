/** The near side of a service at another node: what its mode allows, and nothing else. */

import { isPlainObject, looseOptions } from '../core/index.ts'
import type { Caller, RequestOptions, SendOptions } from './caller.ts'
import { codeOf, MessagingError } from './errors.ts'
import type { Payload } from './payload.ts'
import { isMode, type Port, portKey, portOf, type ServiceView } from './services.ts'

/** How a service is connected to. */
export interface ConnectOptions extends SendOptions {
  /** `'reliable'`: what is sent to an unreliable service goes on the session where no datagram can go. */
  readonly fallback?: 'reliable' | undefined
}

/** A service at another node, or at this one. */
export interface ServiceClient extends ServiceView {
  /**
   * Sends to it: once and in order to a service of mode `send`, as a datagram to one of mode `unreliable`.
   *
   * @throws {MessagingError} as a rejection: `GOSSIP_SERVICE_MODE`; and as `Messenger.send` and `datagram` do
   */
  send(payload?: unknown): Promise<void>
  /**
   * Asks it.
   *
   * @throws {MessagingError} as a rejection: `GOSSIP_SERVICE_MODE`; and as `Messenger.request` does
   * @throws {RemoteError} as a rejection: what its handler threw; `GOSSIP_PORT_CLOSED`, it was closed since
   */
  request(payload?: unknown, options?: RequestOptions): Promise<Payload>
}

/** The name under which a messenger answers what is open on a port. */
export const SERVICE_PROBE = 'service'

/**
 * Asks what is open there; see `Messenger.connect`.
 *
 * @param gossiped - services as the peer tells everybody: all there is to go by where nobody can be asked
 */
export async function connectService(
  caller: Caller,
  peer: string,
  port: Port,
  options: ConnectOptions,
  gossiped: () => readonly ServiceView[],
): Promise<ServiceClient> {
  looseOptions(options, 'options', ['timeoutMs', 'signal', 'fallback'])
  const { timeoutMs, signal, fallback } = options
  const key = portKey(port)
  const probe = { space: 'library', name: SERVICE_PROBE } as const
  const facts: unknown = await caller.request(peer, probe, key, { timeoutMs, signal }).catch((error: unknown) => {
    const known = gossiped().find((service) => portKey(service.port) === key)
    // Datagrams need no session, so their services can be had over transports that have none.
    if (codeOf(error, '') === 'GOSSIP_SESSIONS_UNSUPPORTED' && known?.mode === 'unreliable') return { ...known }
    throw error
  })
  const { name, mode } = isPlainObject(facts) ? facts : {}
  if (typeof name !== 'string' || !isMode(mode)) {
    throw new MessagingError('GOSSIP_FRAME_MALFORMED', `${peer} says nothing sensible of port ${key}`, { peer })
  }
  const target = { space: 'service', name: key } as const
  const refusal = (verb: string): MessagingError =>
    new MessagingError('GOSSIP_SERVICE_MODE', `port ${key} of ${peer} takes no ${verb}: its mode is ${mode}`, { peer })
  return {
    peer,
    port: portOf(key),
    name,
    mode,
    async send(payload) {
      if (mode === 'request') throw refusal('send')
      if (mode === 'send') await caller.send(peer, target, payload)
      else await caller.datagram(peer, target, payload, { fallback })
    },
    async request(payload, requestOptions) {
      if (mode !== 'request') throw refusal('request')
      return caller.request(peer, target, payload, requestOptions)
    },
  }
}
