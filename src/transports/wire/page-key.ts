/** Which messages repeat each other: the key by which an outbound queue lets the newest win. */

import type { JsonValue } from '../../core/index.ts'
import type { MessageKind } from './envelope.ts'

/**
 * The key of a message: its kind and, for a digest, the step and the start of the page that its sender's own entry
 * claims. O(1) where the own entry stands first or last, else O(entries).
 *
 * @param localId - the sender
 */
export function pageKey(kind: MessageKind, payload: JsonValue, localId: string): string {
  if (kind !== 'digest' || !Array.isArray(payload)) return kind
  const own = ownEntry(payload, localId)
  if (own === undefined) return kind
  const claim = own['claim']
  const from = typeof claim === 'object' && claim !== null && 'from' in claim ? JSON.stringify(claim.from) : ''
  return `${kind} ${String(own['step'])} ${from}`
}

function ownEntry(digest: readonly unknown[], localId: string): Record<string, unknown> | undefined {
  for (const index of [0, digest.length - 1]) if (isEntryOf(digest[index], localId)) return digest[index]
  return digest.find((entry): entry is Record<string, unknown> => isEntryOf(entry, localId))
}

function isEntryOf(entry: unknown, id: string): entry is Record<string, unknown> {
  return typeof entry === 'object' && entry !== null && 'id' in entry && entry.id === id
}
