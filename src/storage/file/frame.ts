/**
 * Frames: how bytes stand in a journal so that damage is found. A head of 12 bytes, all numbers big-endian: the length of
 * the payload; a checksum of that length and of the frame's offset; a checksum of the payload. Both checksums begin
 * with the journal's own salt, so that neither a frame of another file nor one in another place is ever taken for one.
 */

import { crc32c } from './crc32c.ts'

/** Bytes before the payload. */
export const FRAME_HEAD_BYTES = 12

/** A frame, ready to be written at an offset. */
export function encodeFrame(payload: Uint8Array, offset: number, salt: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payload.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, payload.length)
  view.setUint32(4, headCheck(payload.length, offset, salt))
  view.setUint32(8, crc32c(payload, salt))
  frame.set(payload, FRAME_HEAD_BYTES)
  return frame
}

/** What a frame's head says; undefined when it is no head of this journal and offset. */
export function decodeHead(
  head: Uint8Array,
  offset: number,
  salt: number,
): { readonly length: number; readonly check: number } | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const length = view.getUint32(0)
  if (view.getUint32(4) !== headCheck(length, offset, salt)) return undefined
  return { length, check: view.getUint32(8) }
}

function headCheck(length: number, offset: number, salt: number): number {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length)
  view.setUint32(4, Math.floor(offset / 2 ** 32))
  view.setUint32(8, offset % 2 ** 32)
  return crc32c(bytes, salt)
}
