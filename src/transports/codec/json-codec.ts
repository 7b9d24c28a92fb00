/** The default encoding: the JSON text of an envelope, as it stands in a line of the TCP transport, without the line end. */

import { InvalidValueError, MalformedMessageError } from '../../core/index.ts'
import {
  ENVELOPE_BYTES_MAX,
  type Envelope,
  encodeHello,
  encodeMessage,
  helloAnswerLine,
  LINE_END,
  messageLine,
  parseEnvelope,
  rpcLine,
} from '../wire/index.ts'
import type { Codec, Encoded } from './codec.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Messages as JSON text. */
export const jsonCodec: Codec = Object.freeze({
  name: 'json',
  overheadBytesMax: ENVELOPE_BYTES_MAX,
  encode: (message: Envelope): Encoded => lineOf(message).slice(0, -LINE_END.length),
  decode: (encoded: Encoded): Envelope => parseEnvelope(parsed(encoded)),
})

function lineOf(message: Envelope): string {
  switch (message.kind) {
    case 'digest':
    case 'deltas': {
      const hello = message.hello === undefined ? undefined : encodeHello(message.hello)
      return messageLine(encodeMessage(message.kind, message.payload, message.sender), hello)
    }
    case 'hello':
      return helloAnswerLine(message.sender, encodeHello(message.hello))
    case 'rpc':
      return rpcLine(message.payload)
    default:
      throw new InvalidValueError('$', 'is no message')
  }
}

function parsed(encoded: Encoded): unknown {
  try {
    return JSON.parse(typeof encoded === 'string' ? encoded : decoder.decode(encoded))
  } catch (cause) {
    const error = new MalformedMessageError('it is no JSON')
    error.cause = cause
    throw error
  }
}
