/**
 * One file that holds everything: a snapshot of the state, followed by what was appended since. When that has grown
 * too long, a new file with a fresh snapshot takes its place in one step, so there is always one whole snapshot and
 * never two files that have to agree. Not for calls that overlap.
 */

import type { StorageChange, StorageOwner, StoredState } from '../../core/index.ts'
import { assertOwner } from '../owner.ts'
import { StoredImage } from '../stored-image.ts'
import type { Directory, JournalFile } from './directory.ts'
import { encodeFrame } from './frame.ts'
import { damage, type FrameSource, readFrames } from './frame-reader.ts'
import { decodeHeading, encodeHeading, HEADING_BYTES } from './heading.ts'
import type { ResolvedFileStorageOptions } from './options.ts'
import { decodeRecords, encodeRecords, type Recorded } from './record.ts'

/** What a journal is opened with. */
export interface JournalSetup
  extends Pick<ResolvedFileStorageOptions, 'recordBytesMax' | 'rewriteFactor' | 'rewriteBytesMin'> {
  readonly directory: Directory
  readonly owner: StorageOwner
  /** Whether an append is on the disk before it resolves. */
  readonly syncsAppends: boolean
  /** Any integer in [0, 2^32): a new one for each file. */
  readonly makeSalt: () => number
}

/** The file. */
export const JOURNAL_NAME = 'journal'
/** The file that is going to take its place. */
export const NEXT_JOURNAL_NAME = 'journal.next'
/** A snapshot is written in pieces of about this size, so that nothing else has to wait for long. */
const PIECE_BYTES = 262_144

/** An open journal, with the state it comes to. */
export class Journal {
  readonly #setup: JournalSetup
  readonly #image = new StoredImage()
  /** Undefined when a failure has left it unclear what the file holds: then only a new one will do. */
  #file: JournalFile | undefined
  #salt = 0
  #end = 0
  #snapshotEnd = 0
  #isDirty = false

  private constructor(setup: JournalSetup) {
    this.#setup = setup
  }

  /**
   * Opens what is there, or begins a new one. What a crash tore off at the end is cut off.
   *
   * @throws {StorageError} as a rejection: damaged, foreign, of a later format, or it cannot be read
   */
  static async open(setup: JournalSetup): Promise<Journal> {
    const journal = new Journal(setup)
    await setup.directory.remove(NEXT_JOURNAL_NAME)
    const file = await setup.directory.open(JOURNAL_NAME)
    if (file === undefined) await journal.rewrite()
    else {
      try {
        await journal.#load(file)
      } catch (error) {
        await file.close()
        throw error
      }
    }
    return journal
  }

  /** The state. */
  state(): StoredState {
    return this.#image.state()
  }

  /** Whether something was written since the last sync. */
  get isDirty(): boolean {
    return this.#isDirty || this.#file === undefined
  }

  /**
   * Appends changes. After a failure a new file is written instead, with all that was to be appended before.
   *
   * @throws {StorageError} as a rejection
   */
  async append(changes: readonly StorageChange[]): Promise<void> {
    const { syncsAppends, rewriteFactor, rewriteBytesMin } = this.#setup
    const payloads = [...this.#encode(changes)]
    for (const change of changes) this.#image.apply(change)
    if (this.#file === undefined) return this.rewrite()
    // One frame at a time: of frames that a loss of power finds half written, only the last can be told from damage.
    for (const payload of payloads) {
      await this.#write(this.#file, payload)
      if (syncsAppends) await this.sync()
    }
    const appendedBytes = this.#end - this.#snapshotEnd
    if (appendedBytes > Math.max(rewriteBytesMin, rewriteFactor * this.#snapshotEnd)) await this.rewrite()
  }

  /** Resolves when everything appended is on the disk. */
  async sync(): Promise<void> {
    if (this.#file === undefined) return this.rewrite()
    this.#isDirty = false
    await this.#unlessItFails(this.#file.sync())
  }

  /** Puts a new file with nothing but a snapshot in the place of the present one. It is on the disk when this resolves. */
  async rewrite(): Promise<void> {
    const { directory, makeSalt } = this.#setup
    const salt = makeSalt()
    const next = await directory.create(NEXT_JOURNAL_NAME)
    let end = HEADING_BYTES
    try {
      await next.write(encodeHeading(salt), 0)
      for (const payload of this.#encode(this.#snapshot())) {
        const frame = encodeFrame(payload, end, salt)
        await next.write(frame, end)
        end += frame.length
      }
      await next.sync()
    } finally {
      await next.close()
    }
    // From here on a failure leaves it open which of the two files is in place.
    const former = this.#file
    this.#file = undefined
    await former?.close()
    await directory.replace(JOURNAL_NAME, NEXT_JOURNAL_NAME)
    this.#file = await directory.open(JOURNAL_NAME)
    this.#salt = salt
    this.#end = end
    this.#snapshotEnd = end
    this.#isDirty = false
  }

  /** Releases the file. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  #encode(records: Iterable<Recorded>): Iterable<Uint8Array> {
    const { recordBytesMax } = this.#setup
    // A unit of text takes up to three bytes, and a piece of several records has to fit as well as a large one alone.
    const bytesTarget = Math.min(PIECE_BYTES, Math.floor(recordBytesMax / 4))
    return encodeRecords(records, { bytesTarget, bytesMax: recordBytesMax })
  }

  *#snapshot(): Generator<Recorded, undefined> {
    yield { type: 'owner', owner: this.#setup.owner }
    yield* this.#image.changes()
    yield { type: 'snapshot end' }
    return undefined
  }

  async #write(file: JournalFile, payload: Uint8Array): Promise<void> {
    const frame = encodeFrame(payload, this.#end, this.#salt)
    this.#isDirty = true
    await this.#unlessItFails(file.write(frame, this.#end))
    this.#end += frame.length
  }

  /** A failed write may have left a part of a record, and after a failed sync the system may have dropped what it held. */
  async #unlessItFails(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      const file = this.#file
      this.#file = undefined
      await file?.close().catch(() => {}) // The failure that is told says more than this one.
      throw error
    }
  }

  async #load(file: JournalFile): Promise<void> {
    const { directory, owner, recordBytesMax } = this.#setup
    const path = `${directory.path}/${JOURNAL_NAME}`
    this.#salt = decodeHeading(await file.read(0, HEADING_BYTES), path)
    const source = { path, file, salt: this.#salt, start: HEADING_BYTES, payloadBytesMax: recordBytesMax }
    const snapshot = new SnapshotProgress(path, owner)
    this.#end = await this.#replay(source, snapshot)
    this.#snapshotEnd = snapshot.assertEnded(this.#end)
    if (this.#end < file.size) {
      await file.truncate(this.#end)
      await file.sync()
    }
    this.#file = file
  }

  async #replay(source: FrameSource, snapshot: SnapshotProgress): Promise<number> {
    const frames = readFrames(source)
    for (;;) {
      const next = await frames.next()
      if (next.done === true) return next.value
      const { offset, end, payload } = next.value
      const records = decodeRecords(payload)
      if (records === undefined) throw damage(source.path, offset, 'a record is none of this format')
      for (const record of records) {
        if (record.type === 'owner' || record.type === 'snapshot end') snapshot.note(record, end)
        else this.#image.apply(record)
      }
    }
  }
}

/** Holds a journal to beginning with its owner and with a whole snapshot. */
class SnapshotProgress {
  readonly #path: string
  readonly #owner: StorageOwner
  #hasOwner = false
  #end: number | undefined

  constructor(path: string, owner: StorageOwner) {
    this.#path = path
    this.#owner = owner
  }

  note(mark: Extract<Recorded, { type: 'owner' | 'snapshot end' }>, end: number): void {
    if (mark.type === 'owner') {
      assertOwner(this.#owner, mark.owner, this.#path)
      this.#hasOwner = true
    } else this.#end = end
  }

  /** A snapshot was on the disk as a whole before it came to its place, so no crash can have cut it off. */
  assertEnded(at: number): number {
    if (this.#hasOwner && this.#end !== undefined) return this.#end
    throw damage(this.#path, at, 'the snapshot is not complete')
  }
}
