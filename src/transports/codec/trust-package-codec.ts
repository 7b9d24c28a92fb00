/** Messages of the gossip as packages of trustnote-p2p: what they are is said by the package's kind and event. */

import { InvalidValueError, isPlainObject, type JsonValue, MalformedMessageError } from '../../core/index.ts'
import {
  ENVELOPE_BYTES_MAX,
  type Envelope,
  encodeHello,
  encodeSender,
  parseEnvelope,
  parseSender,
} from '../wire/index.ts'
import type { Codec, Encoded } from './codec.ts'
import {
  decodePackage,
  encodePackage,
  PACKAGE_OVERHEAD_BYTES_MAX,
  type ReadTrustPackage,
  type TrustPackage,
} from './trust-package.ts'

const RPC_EVENT = 'rpc'

/**
 * Messages as binary packages: digests, deltas and hellos are talk under an event of their name, with the fields that a
 * line of the TCP transport has; an rpc payload is a request, `{"rpc": …, "sender"?: …}`. Runs in browsers too.
 */
export const trustPackageCodec: Codec = Object.freeze({
  name: 'trust-package',
  overheadBytesMax: ENVELOPE_BYTES_MAX + PACKAGE_OVERHEAD_BYTES_MAX,
  encode: (message: Envelope): Encoded => encodePackage(packageOf(message)),
  decode(encoded: Encoded): Envelope {
    if (typeof encoded === 'string') throw new MalformedMessageError('a package is bytes, and this is a text')
    return envelopeOf(decodePackage(encoded))
  },
})

function packageOf(message: Envelope): TrustPackage {
  switch (message.kind) {
    case 'digest':
    case 'deltas': {
      const hello = message.hello === undefined ? {} : { hello: parsed(encodeHello(message.hello)) }
      const body = { [message.kind]: message.payload, sender: parsed(encodeSender(message.sender)), ...hello }
      return { kind: 'talk', event: message.kind, body }
    }
    case 'hello': {
      const body = { sender: parsed(encodeSender(message.sender)), hello: parsed(encodeHello(message.hello)) }
      return { kind: 'talk', event: 'hello', body }
    }
    case 'rpc': {
      const sender = message.sender === undefined ? {} : { sender: parsed(encodeSender(message.sender)) }
      return { kind: 'request', event: RPC_EVENT, body: { rpc: message.payload, ...sender } }
    }
    default:
      throw new InvalidValueError('$', 'is no message')
  }
}

function envelopeOf({ kind, event, body }: ReadTrustPackage): Envelope {
  if (kind === 'request' && event === RPC_EVENT) return rpcOf(body)
  if (kind !== 'talk')
    throw new MalformedMessageError(`a package ${kind} ${JSON.stringify(event.slice(0, 64))} is no gossip`)
  const envelope = parseEnvelope(body)
  if (envelope.kind === event) return envelope
  throw new MalformedMessageError('the body of the package is not what its event says')
}

function rpcOf(body: JsonValue): Envelope {
  if (!isPlainObject(body) || body['rpc'] === undefined) throw new MalformedMessageError('the rpc has no payload')
  const sender = body['sender'] === undefined ? undefined : parseSender(body['sender'])
  return { kind: 'rpc', payload: body['rpc'] as JsonValue, sender }
}

/** The checked text, field by field, and nothing else that the caller's object may have. */
function parsed(text: string): JsonValue {
  return JSON.parse(text) as JsonValue
}
