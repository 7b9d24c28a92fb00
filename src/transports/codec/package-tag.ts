/**
 * The tag of a package: a hash of what it says. It finds damage and tells equal packages, and protects against nobody,
 * since whoever changes a package can make its tag anew.
 */

import { sha256 } from './sha-256.ts'

/** What a tag is made from. */
export interface TaggedFields {
  readonly version: string
  readonly alt: string
  readonly type: number
  readonly event: string
  /** The text of the body, as it stands in the package. */
  readonly bodyText: string
}

const encoder = new TextEncoder()

/**
 * The tag, 44 characters of base64: SHA-256 over the names of the fields in alphabetical order, each followed by `s` and
 * its text or `n` and its digits, all joined by NUL. O(size).
 */
export function packageTag({ version, alt, type, event, bodyText }: TaggedFields): string {
  const texts = { alt, body: bodyText, event }
  const parts = Object.entries(texts).flatMap(([name, text]) => [name, 's', text])
  const all = [...parts, 'type', 'n', String(type), 'version', 's', version]
  return base64(sha256(encoder.encode(all.join('\u0000'))))
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
