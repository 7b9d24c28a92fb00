/** What the demo replicates: a file of the user's, or the packages that this project itself is made of. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { isPlainObject, jsonBytes } from '../../core/index.ts'
import { counted, type PackageInfo, packageInfo, shownCount, UsageError } from '../cli/index.ts'
import { type InputEntries, parseInput } from './parse-input.ts'

/** Entries, and what they are. */
export interface Input {
  readonly entries: InputEntries
  /** Bytes of all keys and values as JSON. */
  readonly bytes: number
  /** One line for people. */
  readonly source: string
}

/** The engine's default: the demo's nodes run with it. */
const VALUE_BYTES_MAX = 65_536
/** A file is read and sent to the processes as text, and texts have an end. */
const FILE_BYTES_MAX = 256 * 1024 * 1024

/**
 * Reads a file of the user's.
 *
 * @throws {UsageError} it cannot be read, or what is in it cannot be used
 */
export function fileInput(path: string): Input {
  const extension = extname(path).toLowerCase()
  const isLines = extension === '.ndjson' || extension === '.jsonl' ? true : undefined
  const text = readText(path)
  const entries = parseInput(text, { name: path, isLines, valueBytesMax: VALUE_BYTES_MAX })
  return inputOf(entries, counted(entries.size, 'key'), basename(path))
}

/** The packages of this project's own lock file; where it is installed without one, its dependencies. */
export function ownInput(info: PackageInfo = packageInfo()): Input {
  const path = join(info.folder, 'package-lock.json')
  if (existsSync(path)) return lockFileInput(path)
  const text = JSON.stringify(info.dependencies)
  const entries = parseInput(text, { name: 'package.json', isLines: false, valueBytesMax: VALUE_BYTES_MAX })
  const source = 'package.json (an installed package has no lock file; --input FILE takes a larger one of yours)'
  return inputOf(entries, `${shownCount(entries.size)} dependencies`, source)
}

function lockFileInput(path: string): Input {
  const lockFile: unknown = JSON.parse(readText(path))
  const packages = isPlainObject(lockFile) ? lockFile['packages'] : undefined
  // The project itself stands there without a name.
  const named = Object.entries(isPlainObject(packages) ? packages : {}).map(([key, value]) => [key || '.', value])
  const text = JSON.stringify(Object.fromEntries(named))
  const entries = parseInput(text, { name: path, isLines: false, valueBytesMax: VALUE_BYTES_MAX })
  return inputOf(entries, counted(entries.size, 'package'), "this project's own package-lock.json")
}

function inputOf(entries: InputEntries, what: string, source: string): Input {
  let bytes = 0
  for (const [key, value] of entries) bytes += jsonBytes(key) + jsonBytes(value)
  return { entries, bytes, source: `${what} of ${source}, ${shownCount(bytes)} bytes` }
}

function readText(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > FILE_BYTES_MAX) {
      const problem = `${path} has ${shownCount(size)} bytes, the limit is ${shownCount(FILE_BYTES_MAX)}`
      throw new UsageError('GOSSIP_INPUT_UNREADABLE', problem)
    }
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof UsageError) throw error
    const problem = error instanceof Error ? error.message : String(error)
    throw new UsageError('GOSSIP_INPUT_UNREADABLE', `the input cannot be read: ${problem}`, error)
  }
}
