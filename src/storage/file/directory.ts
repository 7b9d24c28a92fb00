/** What a journal needs of a file system: so little that a test can play one, and tear and damage its files. */

/** An open file. Trouble is a rejection. */
export interface JournalFile {
  /** Length when it was opened, bytes. */
  readonly size: number
  /** The bytes at an offset; fewer where the file ends. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Writes all of the bytes. */
  write(bytes: Uint8Array, offset: number): Promise<void>
  /** Cuts it off. */
  truncate(length: number): Promise<void>
  /** Resolves when everything written is on the disk, lengths included. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A folder of files. Trouble is a rejection. */
export interface Directory {
  /** For messages. */
  readonly path: string
  /** An existing file; undefined when there is none. */
  open(name: string): Promise<JournalFile | undefined>
  /** An empty file in place of whatever was there. */
  create(name: string): Promise<JournalFile>
  /** Puts a file in the place of another one, in one step. Resolves when that is on the disk. */
  replace(name: string, by: string): Promise<void>
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>
}
