/** A folder of the real file system. What goes wrong there becomes a coded error that names the file. */

import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../../core/index.ts'
import type { Directory, JournalFile } from './directory.ts'

/** Nobody else has to read what a node keeps. */
const FILE_MODE = 0o600

/** An existing folder. */
export class NodeDirectory implements Directory {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async open(name: string): Promise<JournalFile | undefined> {
    const path = join(this.path, name)
    try {
      const handle = await open(path, 'r+')
      return await fileOf(path, handle)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined
      throw failure('open', path, error)
    }
  }

  async create(name: string): Promise<JournalFile> {
    const path = join(this.path, name)
    return attempt('create', path, async () => fileOf(path, await open(path, 'w+', FILE_MODE)))
  }

  async replace(name: string, by: string): Promise<void> {
    const path = join(this.path, name)
    await attempt('replace', path, () => rename(join(this.path, by), path))
    // Windows neither can nor needs to sync a folder.
    if (process.platform === 'win32') return
    await attempt('sync', this.path, async () => {
      const folder = await open(this.path, 'r')
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
    })
  }

  async remove(name: string): Promise<void> {
    const path = join(this.path, name)
    await attempt('remove', path, () => rm(path, { force: true }))
  }
}

async function fileOf(path: string, handle: FileHandle): Promise<JournalFile> {
  const { size } = await handle.stat().catch(async (error: unknown) => {
    await handle.close()
    throw error
  })
  return new NodeFile(path, handle, size)
}

class NodeFile implements JournalFile {
  readonly size: number
  readonly #path: string
  readonly #handle: FileHandle

  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path
    this.#handle = handle
    this.size = size
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return attempt('read', this.#path, async () => {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await this.#handle.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    })
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    return attempt('write', this.#path, async () => {
      let written = 0
      while (written < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, offset + written)
        written += bytesWritten
      }
    })
  }

  truncate(length: number): Promise<void> {
    return attempt('truncate', this.#path, () => this.#handle.truncate(length))
  }

  sync(): Promise<void> {
    return attempt('sync', this.#path, () => this.#handle.sync())
  }

  close(): Promise<void> {
    return attempt('close', this.#path, () => this.#handle.close())
  }
}

async function attempt<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failure(what, path, error)
  }
}

function failure(what: string, path: string, cause: unknown): StorageError {
  const code = errorCode(cause) ?? String(cause)
  return new StorageError('GOSSIP_STORAGE_FAILED', `cannot ${what} ${path}: ${code}`, { path, cause })
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
