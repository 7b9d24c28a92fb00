/**
 * A decorator that makes any transport misbehave, by chance from a seed: what a cluster has to bear, where a test, a
 * demo or a trial run wants it. Faults act on what goes out; what comes in is the other side's.
 */

import {
  type BulkSource,
  InvalidOptionError,
  type JsonValue,
  type PeerRef,
  type SenderRef,
  type Session,
  type Transport,
  TransportError,
  type TransportEvents,
} from '../../core/index.ts'
import { TransportEmitter } from '../transport-emitter.ts'
import type { Faults } from './faults.ts'
import { FaultyLine } from './faulty-line.ts'
import type { OutgoingMessage } from './message.ts'
import { type FaultOptions, resolveFaultOptions } from './options.ts'

type Method = 'listen' | 'close' | 'introduce' | 'rpc' | 'canReach' | 'datagram' | 'connect' | 'bulk' | 'canBulk'
type Capability = 'address' | 'maxMessageBytes' | 'maxDatagramBytes' | Method

/** A transport with the optional capabilities of the one it wraps, and no others, and the controls of its faults. */
export type FaultyTransport<T extends Transport = Transport> = Pick<Transport, 'digest' | 'deltas' | 'on' | 'off'> &
  Pick<T, Extract<keyof T, Capability>> & { readonly faults: Faults }

/**
 * Wraps a transport so that its messages and datagrams are lost, doubled, late, out of order, damaged or cut off, each with
 * its own chance. A session is reliable by its nature, so all that befalls it is that a partner who is cut off cannot be
 * dialled; one that is open stays. A transfer in bulk ends where its receiver is cut off. Without options nothing is changed. Events come from the inner transport, with `GOSSIP_QUEUE_FULL` beside
 * them when too much waits, and `GOSSIP_LISTENER_THREW` when `isCut` throws.
 *
 * @param transport - any transport; its own trouble, limits and addresses stay as they are
 * @param options - chances, delays, the seed; see {@link FaultOptions}
 * @returns what to give to the node instead; `faults` has the controls and the counts
 * @throws {InvalidOptionError} no transport, or an option that is unknown or out of range
 */
export function withFaults<T extends Transport>(transport: T, options?: FaultOptions): FaultyTransport<T> {
  assertTransport(transport)
  const own = new TransportEmitter()
  const faults = new FaultyLine(resolveFaultOptions(options), {
    deliver: (message) => deliver(transport, message),
    tellError: (error) => void own.emit('error', error),
    address: () => transport.address,
  })
  const faulty = {
    faults,
    digest: (to: PeerRef, from: SenderRef, payload: JsonValue) => faults.send({ kind: 'digest', to, from, payload }),
    deltas: (to: PeerRef, from: SenderRef, payload: JsonValue) => faults.send({ kind: 'deltas', to, from, payload }),
    on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): unknown {
      transport.on(event, listener)
      if (event === 'error') own.on(event, listener)
      return faulty
    },
    off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): unknown {
      transport.off(event, listener)
      if (event === 'error') own.off(event, listener)
      return faulty
    },
  }
  mirrorCapabilities(transport, faults, faulty)
  return faulty as unknown as FaultyTransport<T>
}

function assertTransport(value: unknown): void {
  const fields = Object(value) as Record<string, unknown>
  for (const method of ['digest', 'deltas', 'on', 'off']) {
    if (typeof fields[method] === 'function') continue
    throw new InvalidOptionError('transport', `an object with a method ${method}`, value)
  }
}

function deliver(transport: Transport, message: OutgoingMessage): void {
  if (message.kind === 'rpc') transport.rpc?.(message.to, message.payload)
  else if (message.kind === 'datagram') transport.datagram?.(message.to, message.payload)
  else transport[message.kind](message.to, message.from, message.payload)
}

/** What the inner transport declares is declared, what it lacks is absent: nodes adapt to what they find. */
function mirrorCapabilities(transport: Transport, faults: FaultyLine, faulty: object): void {
  for (const fact of ['address', 'maxMessageBytes', 'maxDatagramBytes'] as const) {
    if (fact in transport) Object.defineProperty(faulty, fact, { enumerable: true, get: () => transport[fact] })
  }
  const methods: { readonly [name in Method]: NonNullable<Transport[name]> } = {
    listen: (...rest: unknown[]) => {
      faults.open()
      return callInner(transport, 'listen', rest)
    },
    close: (...rest: unknown[]) => {
      faults.close()
      return callInner(transport, 'close', rest)
    },
    introduce: (hello) => transport.introduce?.(hello),
    rpc: (to, payload) => faults.send({ kind: 'rpc', to, payload }),
    canReach: (to) => transport.canReach?.(to) ?? true,
    datagram: (to, payload) => faults.send({ kind: 'datagram', to, payload }),
    connect: (...rest) => {
      if (faults.isCutOff(rest[0])) return Promise.reject(cutOff(rest[0]))
      return callInner(transport, 'connect', rest) as Promise<Session>
    },
    bulk: (to, from, source) => {
      const cut = (): Error | undefined => (faults.isCutOff(to) ? cutOff(to) : undefined)
      const error = cut()
      if (error === undefined) transport.bulk?.(to, from, cuttable(source, cut))
      else source.end(error)
    },
    canBulk: (to) => transport.canBulk?.(to) ?? true,
  }
  for (const [name, method] of Object.entries(methods)) {
    if (typeof Reflect.get(transport, name) === 'function') Object.assign(faulty, { [name]: method })
  }
}

/** Transfers suffer from nothing but cuts: what was given by then has arrived, and the sender does not hear so. */
function cuttable(source: BulkSource, cut: () => Error | undefined): BulkSource {
  let problem: Error | undefined
  return {
    about: source.about,
    next: () => {
      problem ??= cut()
      return problem === undefined ? source.next() : undefined
    },
    end: (error) => source.end(error ?? problem),
  }
}

function cutOff(peer: PeerRef): TransportError {
  return new TransportError('GOSSIP_CONNECT_FAILED', 'faults cut this partner off', { peer, direction: 'outbound' })
}

/** With all arguments: transports may take more than the contract says, as TCP takes callbacks. */
function callInner(transport: Transport, name: 'listen' | 'close' | 'connect', rest: readonly unknown[]): unknown {
  return Reflect.apply(Reflect.get(transport, name) as (...rest: unknown[]) => unknown, transport, rest)
}
