/**
 * Reads the frames of a journal, and tells what a crash leaves from what only damage leaves. A crash can cut the last
 * frame short, or leave blocks of it unwritten, which read as zeros; both end the journal before it. Anything else that
 * does not fit its checksums is damage: reading on would lose what comes after it, so it is refused.
 */

import { StorageError } from '../../core/index.ts'
import { crc32c } from './crc32c.ts'
import type { JournalFile } from './directory.ts'
import { decodeHead, FRAME_HEAD_BYTES } from './frame.ts'

/** A frame that fits its checksums. */
export interface Frame {
  readonly offset: number
  /** Where the next one begins. */
  readonly end: number
  readonly payload: Uint8Array
}

/** A journal to be read. */
export interface FrameSource {
  /** For messages. */
  readonly path: string
  readonly file: JournalFile
  readonly salt: number
  /** Where the first frame begins. */
  readonly start: number
  /** Longest payload. */
  readonly payloadBytesMax: number
}

const CHUNK_BYTES = 262_144
/** No disk writes less at once. */
const SECTOR_BYTES = 512

/** The frames, in order. Returns where the last whole one ends; what stands beyond was torn by a crash. */
export async function* readFrames(source: FrameSource): AsyncGenerator<Frame, number> {
  const { file, salt, path } = source
  const bytes = new Window(file)
  for (let offset = source.start; ; ) {
    const left = file.size - offset
    if (left < FRAME_HEAD_BYTES) return offset
    const head = decodeHead(await bytes.at(offset, FRAME_HEAD_BYTES), offset, salt)
    if (head === undefined) {
      if (await isUnwritten(bytes, offset, file.size)) return offset
      throw damage(path, offset, 'a record does not begin as one')
    }
    if (left < FRAME_HEAD_BYTES + head.length) return offset
    if (head.length > source.payloadBytesMax) throw tooLarge(source, offset, head.length)
    const payload = await bytes.at(offset + FRAME_HEAD_BYTES, head.length)
    const end = offset + FRAME_HEAD_BYTES + head.length
    if (crc32c(payload, salt) !== head.check) {
      if (end === file.size && hasUnwrittenSector(payload, offset + FRAME_HEAD_BYTES)) return offset
      throw damage(path, offset, 'a record does not fit its checksum')
    }
    yield { offset, end, payload }
    offset = end
  }
}

/** Damage at a place of a file. */
export function damage(path: string, offset: number, problem: string): StorageError {
  return new StorageError('GOSSIP_STORAGE_CORRUPT', `${path} is damaged at byte ${offset}: ${problem}`, {
    path,
    offset,
  })
}

/** Bytes of a file, read some at a time. */
class Window {
  readonly #file: JournalFile
  #chunk: Uint8Array = new Uint8Array(0)
  #start = 0

  constructor(file: JournalFile) {
    this.#file = file
  }

  /** Some bytes, which stay as they are. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    const isHeld = offset >= this.#start && offset + length <= this.#start + this.#chunk.length
    if (!isHeld) {
      this.#chunk = await this.#file.read(offset, Math.max(length, CHUNK_BYTES))
      this.#start = offset
    }
    return this.#chunk.subarray(offset - this.#start, offset - this.#start + length)
  }
}

async function isUnwritten(bytes: Window, from: number, to: number): Promise<boolean> {
  for (let offset = from; offset < to; offset += CHUNK_BYTES) {
    const chunk = await bytes.at(offset, Math.min(CHUNK_BYTES, to - offset))
    if (chunk.some((byte) => byte !== 0)) return false
  }
  return true
}

/** A payload is JSON, so it has no zeros of its own: a sector's worth of them was never written. */
function hasUnwrittenSector(payload: Uint8Array, offset: number): boolean {
  for (let start = 0; start < payload.length; ) {
    const end = start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES)
    if (payload.subarray(start, end).every((byte) => byte === 0)) return true
    start = end
  }
  return false
}

function tooLarge({ path, payloadBytesMax }: FrameSource, offset: number, length: number): StorageError {
  const problem = `a record of ${path} takes ${length} bytes, recordBytesMax is ${payloadBytesMax}`
  return new StorageError('GOSSIP_STORAGE_RECORD_TOO_LARGE', problem, { path, offset })
}
