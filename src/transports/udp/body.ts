/** The inside of a connection's packets: one byte says what it is, the next which introduction it belongs to. */

/** What stands in a packet. */
export type BodyKind =
  | 'digest'
  | 'deltas'
  | 'datagram'
  | 'introduction'
  | 'accepted'
  | 'refused'
  | 'wanted'
  | 'ping'
  | 'pong'

/** A body that was read. */
export interface Body {
  readonly kind: BodyKind
  /** The number of an introduction; 0 where none is meant. */
  readonly number: number
  readonly rest: Buffer
}

/** Kind and number. */
export const BODY_HEADER_BYTES = 2

const KINDS: readonly BodyKind[] = [
  'digest',
  'deltas',
  'datagram',
  'introduction',
  'accepted',
  'refused',
  'wanted',
  'ping',
  'pong',
]

/** The bytes of a body. */
export function bodyOf(kind: BodyKind, number = 0, ...rest: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(KINDS.indexOf(kind), number), ...rest])
}

/** What a body is; undefined where it is nothing that this version knows. */
export function readBody(bytes: Buffer): Body | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length]
  if (kind === undefined || bytes.length < BODY_HEADER_BYTES) return undefined
  return { kind, number: bytes[1] as number, rest: bytes.subarray(BODY_HEADER_BYTES) }
}
