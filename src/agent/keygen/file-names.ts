/**
 * Where the certificate and the key of an id lie in a folder. An id is any text; a file name is not, and two ids never
 * share one.
 */

import { createHash } from 'node:crypto'

/** The two files of somebody. */
export interface PairFiles {
  readonly certificate: string
  readonly key: string
}

/** The files of the authority. */
export const AUTHORITY_FILES: PairFiles = Object.freeze({ certificate: 'ca.pem', key: 'ca-key.pem' })

/** Longer names are cut, and told apart by a hash. */
const NAME_CHARS_MAX = 160
const CUT_CHARS = 100

/**
 * The files of a node: `ID.pem` and `ID-key.pem`. Bytes other than letters, digits and `.`, `_`, `-` stand as `%` and two
 * hexadecimal digits, and so does one byte of whatever would look like another's file.
 */
export function filesOf(id: string): PairFiles {
  const name = fileNameOf(id)
  return { certificate: `${name}.pem`, key: `${name}-key.pem` }
}

function fileNameOf(id: string): string {
  const plain = [...Buffer.from(id, 'utf8')].map(plainOrHex).join('')
  const name = plain
    .replace(/^(?=\.)\./, '%2E') // Hidden, or the folder itself.
    .replace(/^ca$/i, (ca) => `%${hexOf(ca.charCodeAt(0))}${ca[1]}`)
    .replace(/-(?=key$)/i, '%2D')
  if (name.length <= NAME_CHARS_MAX) return name
  return `${name.slice(0, CUT_CHARS)}%~${createHash('sha256').update(id, 'utf8').digest('hex').slice(0, 32)}`
}

function plainOrHex(byte: number): string {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9._-]/.test(character) ? character : `%${hexOf(byte)}`
}

function hexOf(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
