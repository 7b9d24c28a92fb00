/**
 * What a connection is opened with. Usually with the message itself; but to an address where nobody has answered yet
 * nothing long is sent, and nothing beyond what came in its name where only somebody's message named it: then a hello
 * goes alone, and the message follows when it was answered.
 */

import type { SenderRef } from '../core/index.ts'
import { helloAnswerLine, messageLine, type QueuedMessage } from '../transports/index.ts'
import { DIAL_BYTES } from './connection.ts'

/** What the address is known to speak: nothing known, the first generation's dialect, ours. */
export type Dialect = 'unknown' | 'old' | 'new'

/** The first line of a connection. */
export interface Opening {
  readonly purpose: 'lane' | 'one-shot'
  readonly line: string
  /** Whether the line is a hello alone, and the message goes on waiting. */
  readonly isProbe: boolean
}

/** Longest message to an address where nobody has answered yet, bytes. */
export const FIRST_MESSAGE_BYTES_MAX = 4_096

/**
 * Chooses the first line.
 *
 * @param introduction - what this node says of itself; undefined for one that says nothing
 * @param affords - whether the receiver may be sent so many bytes
 * @returns undefined if nothing may be sent
 */
export function openingOf(
  message: QueuedMessage,
  dialect: Dialect,
  introduction: { readonly text: string; readonly sender: SenderRef } | undefined,
  affords: (bytes: number) => boolean,
): Opening | undefined {
  const line = messageLine(message.text, introduction?.text)
  const isShort = dialect !== 'unknown' || introduction === undefined || message.bytes <= FIRST_MESSAGE_BYTES_MAX
  if (isShort && affords(Buffer.byteLength(line) + DIAL_BYTES)) {
    return { purpose: dialect === 'new' && introduction !== undefined ? 'lane' : 'one-shot', line, isProbe: false }
  }
  // Who is known to answer no hello would not answer this one.
  if (introduction === undefined || dialect === 'old') return undefined
  const hello = helloAnswerLine(introduction.sender, introduction.text)
  return affords(Buffer.byteLength(hello) + DIAL_BYTES)
    ? { purpose: 'one-shot', line: hello, isProbe: true }
    : undefined
}
