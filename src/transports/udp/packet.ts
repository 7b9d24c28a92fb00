/**
 * The outside of packets: what their first byte says, and how long their parts are. A packet is plain or sealed, and
 * belongs to a handshake, or to a connection that the token behind the first byte names.
 */

/** What a packet is. */
export type PacketType = 'ask' | 'challenge' | 'open' | 'opened' | 'unknown' | 'data'

/** The first byte of a packet, read. */
export interface PacketKind {
  readonly type: PacketType
  readonly isSealed: boolean
}

/** Names a connection to one of its ends, which chose it by chance. */
export const TOKEN_BYTES = 8
/** What each side adds to the keys of a connection. */
export const SALT_BYTES = 16
/** Numbers packets; 2^48 are more than a connection ever has. */
export const COUNTER_BYTES = 6
/** What sealing adds behind a packet. */
export const TAG_BYTES = 16
/** First byte, token and number. */
export const DATA_HEADER_BYTES: number = 1 + TOKEN_BYTES + COUNTER_BYTES

const TYPES: readonly PacketType[] = ['ask', 'challenge', 'open', 'opened', 'unknown', 'data']
/** The upper half of the first byte: the version of this format, and whether it is sealed. */
const PLAIN = 0xd0
const SEALED = 0xe0

/** The first byte of a packet. */
export function firstByteOf({ type, isSealed }: PacketKind): number {
  return (isSealed ? SEALED : PLAIN) + TYPES.indexOf(type)
}

/** What the first byte says; undefined where it is no packet of ours. */
export function packetKindOf(packet: Buffer): PacketKind | undefined {
  const byte = packet[0] ?? 0
  const type = TYPES[byte & 0x0f]
  const upper = byte & 0xf0
  return type === undefined || (upper !== PLAIN && upper !== SEALED) ? undefined : { type, isSealed: upper === SEALED }
}
