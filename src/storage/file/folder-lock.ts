/**
 * Keeps a second process out of a folder. There is a series of files `lock.1`, `lock.2`, …; whose number is the highest
 * has the folder, if it still runs. A newcomer takes the next number, which only one can make; the numbers never go back,
 * so that whoever was slow to look cannot take a number that was passed by meanwhile.
 */

import { link, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '../../core/index.ts'
import { isRunning, ownIdentity, type ProcessIdentity, parseIdentity } from './process-identity.ts'

const ATTEMPTS_MAX = 100
const DRAFT_PREFIX = 'lock-draft.'

/** A folder that is ours. */
export class FolderLock {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /**
   * Takes a folder.
   *
   * @param draftName - unlike any other in use at the moment
   * @throws {StorageError} as a rejection: `GOSSIP_STORAGE_LOCKED`, another storage has it; `GOSSIP_STORAGE_FAILED`
   */
  static async acquire(folder: string, draftName: string): Promise<FolderLock> {
    const draft = join(folder, `${DRAFT_PREFIX}${draftName}`)
    try {
      const own = await ownIdentity()
      // The file is written before it gets its number, so nobody ever reads half of it.
      await writeFile(draft, JSON.stringify(own), { mode: 0o600 })
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const number = await takeNumber(folder, draft, own)
        if (number === undefined) continue
        await removeOthers(folder, number)
        return new FolderLock(join(folder, nameOf(number)))
      }
      throw lockedError(folder, 'others keep taking it')
    } catch (error) {
      if (error instanceof StorageError) throw error
      const text = error instanceof Error ? error.message : String(error)
      throw new StorageError('GOSSIP_STORAGE_FAILED', `cannot lock ${folder}: ${text}`, { path: folder, cause: error })
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** Lets it go: an empty file stays, which keeps the number. */
  async release(): Promise<void> {
    await truncate(this.#path, 0)
  }
}

/** The number taken; undefined when somebody was faster, and all has to be looked at again. */
async function takeNumber(folder: string, draft: string, own: ProcessIdentity): Promise<number | undefined> {
  const highest = Math.max(0, ...(await numbersIn(folder)))
  if (highest > 0) await assertEnded(folder, highest, own)
  const number = highest + 1
  try {
    await link(draft, join(folder, nameOf(number)))
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined
    throw error
  }
  if (Math.max(...(await numbersIn(folder))) === number) return number
  await rm(join(folder, nameOf(number)), { force: true })
  return undefined
}

async function assertEnded(folder: string, number: number, own: ProcessIdentity): Promise<void> {
  const path = join(folder, nameOf(number))
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  })
  // One that was let go is empty, and so may be one whose machine has lost its power.
  const holder = parseIdentity(text)
  if (holder === undefined || !(await isRunning(holder, own))) return
  throw lockedError(folder, `process ${holder.pid} has it, says ${path}`)
}

async function removeOthers(folder: string, number: number): Promise<void> {
  const former = (await numbersIn(folder)).filter((other) => other < number)
  for (const other of former) await rm(join(folder, nameOf(other)), { force: true })
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  return names.flatMap((name) => {
    const [, digits] = /^lock\.(\d{1,15})$/.exec(name) ?? []
    return digits === undefined ? [] : [Number(digits)]
  })
}

function nameOf(number: number): string {
  return `lock.${number}`
}

function lockedError(path: string, problem: string): StorageError {
  return new StorageError('GOSSIP_STORAGE_LOCKED', `${path} is in use: ${problem}`, { path })
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
