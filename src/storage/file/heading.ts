/** The first line of a journal: what it is, its format, and the salt of its checksums. Every later format has such a line. */

import { StorageError } from '../../core/index.ts'
import { damage } from './frame-reader.ts'

/** The format this version writes, and the only one it reads. */
export const JOURNAL_FORMAT = 1

const PATTERN = /^gossipmonger journal (?<format>\d{1,9}) (?<salt>[0-9a-f]{8})?/

/** The line `gossipmonger journal 1 89abcdef`. */
export function encodeHeading(salt: number): Uint8Array {
  return new TextEncoder().encode(`gossipmonger journal ${JOURNAL_FORMAT} ${salt.toString(16).padStart(8, '0')}\n`)
}

/** Length of the line, with its end. */
export const HEADING_BYTES: number = encodeHeading(0).length

/**
 * The salt of a journal.
 *
 * @param bytes - its first bytes
 * @throws {StorageError} `GOSSIP_STORAGE_FORMAT`: of a later format; `GOSSIP_STORAGE_CORRUPT`: no journal
 */
export function decodeHeading(bytes: Uint8Array, path: string): number {
  const text = new TextDecoder('latin1').decode(bytes)
  const { format, salt } = PATTERN.exec(text)?.groups ?? {}
  if (format !== undefined && Number(format) > JOURNAL_FORMAT) {
    const problem = `${path} is of format ${format}, this version reads format ${JOURNAL_FORMAT}: use a later version`
    throw new StorageError('GOSSIP_STORAGE_FORMAT', problem, { path, offset: 0 })
  }
  if (Number(format) !== JOURNAL_FORMAT || salt === undefined || !text.endsWith('\n')) {
    throw damage(path, 0, 'this is not the first line of a journal')
  }
  return Number.parseInt(salt, 16)
}
