/** The frames of a recorded WebSocket client: apart and together again, as far as texts go. */

/** What a client said: its request to switch protocols, and the texts after it. */
export interface ClientStream {
  readonly head: Buffer
  readonly texts: readonly string[]
}

const TEXT = 1
const MASK_BYTES = 4

/** Takes a recorded stream apart; texts that were sent in several frames are left out. */
export function readClientStream(bytes: Buffer): ClientStream {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4
  const texts: string[] = []
  for (let at = headEnd; at + 2 <= bytes.length; ) {
    const code = (bytes[at + 1] as number) & 0x7f
    const extra = code === 126 ? 2 : code === 127 ? 8 : 0
    const start = at + 2 + extra + MASK_BYTES
    if (start > bytes.length) break
    const length =
      code === 126 ? bytes.readUInt16BE(at + 2) : code === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : code
    if ((bytes[at] as number) === (0x80 | TEXT)) texts.push(unmasked(bytes, start, length))
    at = start + length
  }
  return { head: bytes.subarray(0, headEnd), texts }
}

/** One text as a frame of a client, masked with zeros. */
export function clientFrame(payload: Buffer): Buffer {
  const { length } = payload
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  header[0] = 0x80 | TEXT
  header[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (header.length === 4) header.writeUInt16BE(length, 2)
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, Buffer.alloc(MASK_BYTES), payload])
}

function unmasked(bytes: Buffer, start: number, length: number): string {
  const mask = bytes.subarray(start - MASK_BYTES, start)
  const payload = Buffer.from(bytes.subarray(start, start + length))
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (mask[i % MASK_BYTES] as number)
  return payload.toString('utf8')
}
