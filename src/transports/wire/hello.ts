/**
 * What two nodes tell each other before they trust a connection. A hello comes from whoever can connect, so it is read
 * field by field; what it lacks or adds beyond these fields is none of our business, so that later versions can add.
 */

import {
  type GossipError,
  type Hello,
  InvalidOptionError,
  isPlainObject,
  MalformedMessageError,
  RefusedMessageError,
  type SenderRef,
  TransportError,
} from '../../core/index.ts'
import { isPeerId } from './sender.ts'

/** Longest text of {@link encodeHello}, in bytes. */
export const HELLO_BYTES_MAX = 4_096

const CLUSTER_ID_UNITS_MAX = 256
const FEATURES_MAX = 32
const FEATURE_UNITS_MAX = 64

/**
 * Reads a hello from the network.
 *
 * @throws {MalformedMessageError} a field of the wrong type or out of range
 */
export function parseHello(value: unknown): Hello {
  if (!isPlainObject(value)) throw new MalformedMessageError('the hello is no object')
  return Object.freeze({
    protocolVersion: parseCount(value['protocolVersion'], 'protocolVersion'),
    clusterId: parseText(value['clusterId'], 'clusterId', CLUSTER_ID_UNITS_MAX),
    id: parseId(value['id']),
    generation: parseCount(value['generation'], 'generation'),
    features: parseFeatures(value['features']),
    valueBytesMax: parseCount(value['valueBytesMax'], 'valueBytesMax'),
  })
}

/**
 * A hello as JSON text, in one field order.
 *
 * @throws {InvalidOptionError} a hello that the other side would refuse: a mistake of the caller
 */
export function encodeHello(hello: Hello): string {
  const { protocolVersion, clusterId, id, generation, features, valueBytesMax } = hello
  const text = JSON.stringify({ protocolVersion, clusterId, id, generation, features, valueBytesMax })
  try {
    parseHello(JSON.parse(text))
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidOptionError('hello', `readable by peers (${problem})`, hello)
  }
  if (text.length * 3 <= HELLO_BYTES_MAX || new TextEncoder().encode(text).length <= HELLO_BYTES_MAX) return text
  throw new InvalidOptionError('hello', `at most ${HELLO_BYTES_MAX} bytes as JSON`, hello)
}

/**
 * Whether the other side speaks our protocol and belongs to our cluster.
 *
 * @returns why not, as `GOSSIP_PROTOCOL_UNSUPPORTED` or `GOSSIP_CLUSTER_FOREIGN`; undefined if it does
 */
export function helloRefusal(own: Hello, theirs: Hello, peer: SenderRef): GossipError | undefined {
  if (theirs.protocolVersion !== own.protocolVersion) {
    const problem = `the peer speaks version ${theirs.protocolVersion} of the protocol, this node ${own.protocolVersion}`
    return new TransportError('GOSSIP_PROTOCOL_UNSUPPORTED', problem, { peer, direction: 'inbound' })
  }
  if (theirs.clusterId !== own.clusterId) {
    const clusters = `${JSON.stringify(theirs.clusterId)}, this node to ${JSON.stringify(own.clusterId)}`
    return new RefusedMessageError('GOSSIP_CLUSTER_FOREIGN', `the peer belongs to cluster ${clusters}`, peer)
  }
  return undefined
}

function parseId(value: unknown): string {
  if (!isPeerId(value)) throw new MalformedMessageError('id of the hello is no name')
  return value
}

function parseText(value: unknown, what: string, unitsMax: number): string {
  if (typeof value === 'string' && value.length <= unitsMax) return value
  throw new MalformedMessageError(`${what} of the hello is no text of at most ${unitsMax} characters`)
}

function parseCount(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new MalformedMessageError(`${what} of the hello is no integer in [0, 2^53)`)
}

function parseFeatures(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > FEATURES_MAX) {
    throw new MalformedMessageError(`features of the hello is no array of at most ${FEATURES_MAX}`)
  }
  return Object.freeze(value.map((feature) => parseText(feature, 'a feature', FEATURE_UNITS_MAX)))
}
