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
 * @param there - what the address speaks, and whether that has to be found out
 * @param introduction - what this node says of itself; undefined for one that says nothing
 * @param affords - whether the receiver may be sent so many bytes
 * @returns undefined if nothing may be sent
 */
export function openingOf(
  message: QueuedMessage,
  there: { readonly dialect: Dialect; readonly findsDialects: boolean },
  introduction: { readonly text: string; readonly sender: SenderRef } | undefined,
  affords: (bytes: number) => boolean,
): Opening | undefined {
  const { dialect, findsDialects } = there
  // Where everybody answers hellos, it is known who is there before he is told anything.
  if (!findsDialects && introduction !== undefined) return helloFirst('lane', introduction, affords)
  const line = messageLine(message.text, introduction?.text)
  const isShort = dialect !== 'unknown' || introduction === undefined || message.bytes <= FIRST_MESSAGE_BYTES_MAX
  if (isShort && affords(Buffer.byteLength(line) + DIAL_BYTES)) {
    return { purpose: dialect === 'new' && introduction !== undefined ? 'lane' : 'one-shot', line, isProbe: false }
  }
  // Who is known to answer no hello would not answer this one.
  if (introduction === undefined || dialect === 'old') return undefined
  return helloFirst('one-shot', introduction, affords)
}

function helloFirst(
  purpose: Opening['purpose'],
  { sender, text }: { readonly text: string; readonly sender: SenderRef },
  affords: (bytes: number) => boolean,
): Opening | undefined {
  const line = helloAnswerLine(sender, text)
  return affords(Buffer.byteLength(line) + DIAL_BYTES) ? { purpose, line, isProbe: true } : undefined
}
