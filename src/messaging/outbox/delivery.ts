/**
 * A letter on its way, and what is answered. It is a request of the library's own, so that it arrives on a session or
 * not at all; an answer that is none of these counts as none.
 */

import { isName, isPlainObject } from '../../core/index.ts'
import { codeOf, isCode, messageOf } from '../errors.ts'
import { FAILURE_BYTES_MAX } from '../message.ts'
import { decodePayload, type Payload } from '../payload.ts'
import type { Letter, OutboxFailure } from './letter.ts'

/** The name under which outboxes reach each other, in an area of their own. */
export const OUTBOX_AREA = 'outbox'
/** The only request there. */
export const DELIVER = 'deliver'

/** A letter that was read. */
export interface Delivery {
  readonly stream: string
  readonly number: number
  readonly id: string
  readonly name: string
  readonly payload: Payload
}

/** What the other side says: handled, now or before; or why not. */
export type Verdict = 'handled' | OutboxFailure

const LENGTH_BYTES = 2
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Two bytes, the length of the head; the head in JSON, `[stream, number, id, name]`; the payload as in any message. */
export function encodeDelivery({ stream, number, id, name, body }: Letter): Uint8Array {
  const head = encoder.encode(JSON.stringify([stream, number, id, name]))
  const bytes = new Uint8Array(LENGTH_BYTES + head.length + body.length)
  bytes.set([head.length >> 8, head.length & 0xff])
  bytes.set(head, LENGTH_BYTES)
  bytes.set(body, LENGTH_BYTES + head.length)
  return bytes
}

/** Reads a letter; undefined when it is none. */
export function decodeDelivery(payload: Payload): Delivery | undefined {
  if (!(payload instanceof Uint8Array)) return undefined
  const end = LENGTH_BYTES + (payload[0] ?? 0) * 256 + (payload[1] ?? 0)
  const head = headOf(payload.subarray(LENGTH_BYTES, end))
  const read = decodePayload(payload.subarray(end))
  if (head === undefined || read === undefined) return undefined
  const [stream, number, id, name] = head
  if (!isName(stream) || !isName(id) || !isName(name) || !isLetterNumber(number)) return undefined
  return { stream, number, id, name, payload: read.payload }
}

/** Whether something can be the number of a letter. */
export function isLetterNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

/** The answer: nothing when it was handled, else why it was not. */
export function answerOf(verdict: Verdict): Payload {
  return verdict === 'handled' ? undefined : { code: verdict.code, message: verdict.message }
}

/** Reads an answer; undefined when it is none. */
export function verdictOf(answer: Payload): Verdict | undefined {
  if (answer === undefined) return 'handled'
  if (!isPlainObject(answer)) return undefined
  const { code, message } = answer
  return isCode(code) && typeof message === 'string' ? { code, message: cut(message) } : undefined
}

/** What anything thrown says, as far as it can travel and be kept. */
export function failureOf(thrown: unknown, otherwise: string = 'GOSSIP_HANDLER_FAILED'): OutboxFailure {
  return { code: codeOf(thrown, otherwise), message: cut(messageOf(thrown)) }
}

/** No longer than a failure's text may be, and without half a character. */
function cut(text: string): string {
  const bytes = encoder.encode(text)
  return new TextDecoder().decode(bytes.subarray(0, FAILURE_BYTES_MAX))
}

function headOf(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const head: unknown = JSON.parse(decoder.decode(bytes))
    return Array.isArray(head) && head.length === 4 ? head : undefined
  } catch {
    return undefined
  }
}
