/** What a transport author writes for the kit: how to make a transport, what it can do, and how to provoke it. */

import { InvalidOptionError, integerIn, type JsonValue, type Transport } from '../../core/index.ts'
import { type Capabilities, type ResolvedCapabilities, resolveCapabilities } from './capabilities.ts'

/** What the kit wants of a new transport. */
export interface TransportRequest {
  /** The id it will be introduced as and send as; unique within a case. */
  readonly id: string
  /** What it is for: `dialler` is asked for only where `diallers` is declared. */
  readonly role: 'listener' | 'dialler'
  /** Where it has to listen; asked for only where `addressable` is declared. */
  readonly address?: JsonValue | undefined
}

/** An address, or how to come by one. */
export type AddressSource = JsonValue | (() => JsonValue | Promise<JsonValue>)

/** A transport as the kit sees it. Only `name` and `createTransport` have to be there. */
export interface ConformanceFixture {
  /** For reports. */
  readonly name: string
  /** @defaultValue none: two methods and three events, reliable delivery, nothing else */
  readonly capabilities?: Capabilities | undefined
  /** Makes a transport that is not listening yet. The kit introduces it, opens it and closes it. */
  createTransport(request: TransportRequest): Transport | Promise<Transport>
  /** Where others reach a transport. @defaultValue its `address`, or null while it has none */
  addressOf?(transport: Transport): JsonValue
  /** An address of the right form where nobody is. @defaultValue the address of a transport that was closed */
  readonly unreachableAddress?: AddressSource | undefined
  /** An address where messages are accepted, or vanish, and nothing ever answers. @defaultValue the unreachable one */
  readonly silentAddress?: AddressSource | undefined
  /** Addresses that the transport must refuse by an `error` event. @defaultValue none */
  readonly malformedAddresses?: readonly JsonValue[] | undefined
  /** Sends raw bytes to an address, as a stranger would. Left out where there is no wire. */
  injectGarbage?(address: JsonValue, bytes: Uint8Array): unknown
  /** Most bytes that one transport holds for messages that wait. @defaultValue 67_108_864 */
  readonly queueBytesMax?: number | undefined
  /** Called again and again while the kit waits: moves what moves only when it is told to, such as virtual time. */
  settle?(): unknown
  /** Called at the end of every case, when all its transports are closed: releases what the fixture itself opened. */
  close?(): unknown
}

/** A fixture with nothing left open. */
export interface ResolvedFixture {
  readonly name: string
  readonly capabilities: ResolvedCapabilities
  readonly createTransport: (request: TransportRequest) => Transport | Promise<Transport>
  readonly addressOf: (transport: Transport) => JsonValue
  readonly unreachableAddress: AddressSource | undefined
  readonly silentAddress: AddressSource | undefined
  readonly malformedAddresses: readonly JsonValue[]
  readonly injectGarbage: ((address: JsonValue, bytes: Uint8Array) => unknown) | undefined
  readonly queueBytesMax: number
  readonly settle: () => unknown
  readonly close: () => unknown
}

const QUEUE_BYTES_MAX = 67_108_864
const METHODS = ['addressOf', 'injectGarbage', 'settle', 'close'] as const

/**
 * Checks a fixture and fills in what was left out. It may be an instance of a class: its methods are called on it.
 *
 * @throws {InvalidOptionError} a field is missing, of the wrong type or out of range
 */
export function resolveFixture(fixture: ConformanceFixture): ResolvedFixture {
  if (typeof fixture !== 'object' || fixture === null) throw new InvalidOptionError('fixture', 'an object', fixture)
  const fields = fixture as unknown as Readonly<Record<string, unknown>>
  const { name, malformedAddresses = [], queueBytesMax = QUEUE_BYTES_MAX } = fixture
  if (typeof name !== 'string' || name === '') throw new InvalidOptionError('fixture.name', 'a non-empty text', name)
  if (typeof fields['createTransport'] !== 'function') {
    throw new InvalidOptionError('fixture.createTransport', 'a function', fields['createTransport'])
  }
  for (const method of METHODS) {
    if (fields[method] === undefined || typeof fields[method] === 'function') continue
    throw new InvalidOptionError(`fixture.${method}`, 'a function or left out', fields[method])
  }
  if (!Array.isArray(malformedAddresses)) {
    throw new InvalidOptionError('fixture.malformedAddresses', 'an array', malformedAddresses)
  }
  return Object.freeze({
    name,
    capabilities: resolveCapabilities(fixture.capabilities),
    createTransport: (request: TransportRequest) => fixture.createTransport(request),
    addressOf: (transport: Transport) => fixture.addressOf?.(transport) ?? transport.address ?? null,
    unreachableAddress: fixture.unreachableAddress,
    silentAddress: fixture.silentAddress,
    malformedAddresses,
    injectGarbage:
      fixture.injectGarbage === undefined
        ? undefined
        : (address: JsonValue, bytes: Uint8Array) => fixture.injectGarbage?.(address, bytes),
    queueBytesMax: integerIn('fixture.queueBytesMax', queueBytesMax, 1, 2 ** 30),
    settle: () => fixture.settle?.(),
    close: () => fixture.close?.(),
  })
}

/** Whether a value looks like a fixture; for whoever loads modules. */
export function isFixture(value: unknown): value is ConformanceFixture {
  return typeof (Object(value) as Record<string, unknown>)['createTransport'] === 'function'
}
