/**
 * What is said around a bulk document, on streams of lines: who offers it and what it is about, whether it is wanted, and
 * how much of it has arrived.
 */

import {
  type Hello,
  isName,
  isPlainObject,
  type JsonValue,
  MalformedMessageError,
  type SenderRef,
} from '../../core/index.ts'
import { encodeSender, LINE_END, parseHello, parseSender } from '../wire/index.ts'

/** The name of the ability in hellos. */
export const BULK_FEATURE = 'bulk'

/** Who offers a transfer, and the peers it is about; undefined: too many to be named. */
export interface BulkOffering {
  readonly sender: SenderRef
  readonly hello: Hello
  readonly about: readonly string[] | undefined
}

/** Peers that are named at most. */
const ABOUT_MAX = 64

/** Whether a line that was read offers a transfer. */
export function isBulkOffer(value: unknown): value is Record<string, unknown> {
  return isPlainObject(value) && Object.hasOwn(value, 'bulk') && isPlainObject(value['hello'])
}

/**
 * Reads the line that offers a transfer.
 *
 * @throws {MalformedMessageError} it cannot be read
 */
export function parseBulkOffer(value: Record<string, unknown>): BulkOffering {
  const sender = parseSender(value['sender'])
  const hello = parseHello(value['hello'])
  if (hello.id !== sender.id) throw new MalformedMessageError('its hello has another id than its sender', sender)
  if (value['bulk'] !== 1) throw new MalformedMessageError('it offers an unknown kind of transfer', sender)
  return { sender, hello, about: parseAbout(value['about']) }
}

/** The line that offers a transfer. */
export function bulkOfferLine(sender: SenderRef, helloText: string, about: readonly string[]): string {
  const named = about.length <= ABOUT_MAX ? `,"about":${JSON.stringify(about)}` : ''
  return `{"bulk":1,"sender":${encodeSender(sender)},"hello":${helloText}${named}}${LINE_END}`
}

/** The line that says that the document may come. */
export const BULK_ACCEPTED_LINE: string = `{"bulk":"accepted"}${LINE_END}`

/** The line that says why it may not. */
export function bulkRefusalLine(code: string): string {
  return `{"bulk":"refused","code":${JSON.stringify(code)}}${LINE_END}`
}

/** The line that says that all of it has arrived. */
export function bulkReceiptLine(groups: number): string {
  return `{"bulk":"received","groups":${groups}}${LINE_END}`
}

/** What the receiving side of a transfer says. */
export type BulkAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'received'; readonly groups: number }

/**
 * Reads an answer.
 *
 * @throws {MalformedMessageError} it is none
 */
export function parseBulkAnswer(value: unknown): BulkAnswer {
  const { bulk: kind, code, groups } = isPlainObject(value) ? value : ({} as Record<string, JsonValue>)
  if (kind === 'accepted') return { kind }
  if (kind === 'refused' && typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code)) return { kind, code }
  if (kind === 'received' && typeof groups === 'number' && Number.isSafeInteger(groups)) return { kind, groups }
  throw new MalformedMessageError('it is no answer to a bulk transfer')
}

function parseAbout(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length > ABOUT_MAX || !value.every((id) => isName(id))) {
    throw new MalformedMessageError(`about is no list of at most ${ABOUT_MAX} ids`)
  }
  return value as readonly string[]
}
