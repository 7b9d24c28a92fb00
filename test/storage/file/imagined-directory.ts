/** A folder that exists only in a test, which can see, tear, damage and refuse whatever is written there. */

import type { Directory, JournalFile } from '../../../src/storage/file/directory.ts'

interface Content {
  bytes: Uint8Array
}

/** What the directory was asked to do, in order; the word a failure is asked for by. */
export type Operation = 'create' | 'write' | 'truncate' | 'sync' | 'replace' | 'close'

/** Files by name. */
export class ImaginedDirectory implements Directory {
  readonly path = 'imagined'
  readonly operations: Operation[] = []
  /** Called before each operation: throw here to make it fail. A write that fails has written half. */
  onOperation: (operation: Operation) => void = () => {}
  readonly #files = new Map<string, Content>()

  /** A folder with one file. */
  static holding(name: string, bytes: Uint8Array): ImaginedDirectory {
    const directory = new ImaginedDirectory()
    directory.#files.set(name, { bytes: bytes.slice() })
    return directory
  }

  /** The names there are. */
  get names(): readonly string[] {
    return [...this.#files.keys()].sort()
  }

  /** A file's bytes. */
  bytes(name: string): Uint8Array {
    return (this.#files.get(name)?.bytes ?? new Uint8Array(0)).slice()
  }

  /** The same files in another folder, as a crash leaves them at this moment. */
  copy(): ImaginedDirectory {
    const copy = new ImaginedDirectory()
    for (const [name, { bytes }] of this.#files) copy.#files.set(name, { bytes: bytes.slice() })
    return copy
  }

  async open(name: string): Promise<JournalFile | undefined> {
    const content = this.#files.get(name)
    return content === undefined ? undefined : this.#fileOf(content)
  }

  async create(name: string): Promise<JournalFile> {
    this.#note('create')
    const content = { bytes: new Uint8Array(0) }
    this.#files.set(name, content)
    return this.#fileOf(content)
  }

  async replace(name: string, by: string): Promise<void> {
    this.#note('replace')
    const content = this.#files.get(by)
    if (content === undefined) throw new Error(`there is no ${by}`)
    this.#files.set(name, content)
    this.#files.delete(by)
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name)
  }

  #note(operation: Operation): void {
    this.operations.push(operation)
    this.onOperation(operation)
  }

  #fileOf(content: Content): JournalFile {
    const put = (bytes: Uint8Array, offset: number): void => {
      const grown = new Uint8Array(Math.max(content.bytes.length, offset + bytes.length))
      grown.set(content.bytes)
      grown.set(bytes, offset)
      content.bytes = grown
    }
    return {
      size: content.bytes.length,
      read: async (offset, length) => content.bytes.slice(offset, offset + length),
      write: async (bytes, offset) => {
        try {
          this.#note('write')
        } catch (error) {
          put(bytes.subarray(0, bytes.length / 2), offset)
          throw error
        }
        put(bytes, offset)
      },
      truncate: async (length) => {
        this.#note('truncate')
        content.bytes = content.bytes.slice(0, length)
      },
      sync: async () => this.#note('sync'),
      close: async () => this.#note('close'),
    }
  }
}
