/** Options of a storage in files. */

import { resolve } from 'node:path'
import { InvalidOptionError, integerIn, looseOptions, numberIn, orDefault } from '../../core/index.ts'

/** When what was appended is forced onto the disk. */
export type SyncPolicy = 'always' | 'interval' | 'never'

/** What an embedder may say. */
export interface FileStorageOptions {
  /** The folder; it is made if need be. One node, one folder. */
  path: string
  /**
   * `always`: before an append resolves, so it survives a loss of power. `interval`: every `syncIntervalMs`, so that a loss
   * of power costs at most so much; `never`: when the system thinks fit. Whatever it is, what was appended survives the end of
   * the process, by SIGKILL too. @defaultValue 'always'
   */
  fsync?: SyncPolicy
  /** Time between two looks whether there is something to sync, with `interval`. @defaultValue 1_000 */
  syncIntervalMs?: number
  /** Longest record, bytes: a value with its key. @defaultValue 67_108_864 */
  recordBytesMax?: number
  /** What was appended may grow to this many times the snapshot before both are rewritten as one. @defaultValue 2 */
  rewriteFactor?: number
  /** Appended bytes below which rewriting is not worth it. @defaultValue 1_048_576 */
  rewriteBytesMin?: number
}

/** Nothing left open. */
export interface ResolvedFileStorageOptions {
  /** Absolute. */
  readonly path: string
  readonly fsync: SyncPolicy
  readonly syncIntervalMs: number
  readonly recordBytesMax: number
  readonly rewriteFactor: number
  readonly rewriteBytesMin: number
}

/** What holds where nothing is said. */
export const FILE_STORAGE_DEFAULTS: Omit<ResolvedFileStorageOptions, 'path'> = Object.freeze({
  fsync: 'always',
  syncIntervalMs: 1_000,
  recordBytesMax: 67_108_864,
  rewriteFactor: 2,
  rewriteBytesMin: 1_048_576,
})

const NAMES = ['path', ...Object.keys(FILE_STORAGE_DEFAULTS)]
const POLICIES: readonly unknown[] = ['always', 'interval', 'never'] satisfies SyncPolicy[]

/**
 * Copies, fills, checks and freezes options.
 *
 * @throws {InvalidOptionError} an unknown, missing, mistyped or out-of-range option
 */
export function resolveFileStorageOptions(options: FileStorageOptions): ResolvedFileStorageOptions {
  const loose = looseOptions(options, 'options', NAMES)
  const { path } = loose
  if (typeof path !== 'string' || path === '') throw new InvalidOptionError('path', 'the path of a folder', path)
  const fsync = orDefault(loose['fsync'], FILE_STORAGE_DEFAULTS.fsync)
  if (!POLICIES.includes(fsync)) throw new InvalidOptionError('fsync', "'always', 'interval' or 'never'", fsync)
  const integer = (name: 'syncIntervalMs' | 'recordBytesMax' | 'rewriteBytesMin', min: number, max: number): number =>
    integerIn(name, orDefault(loose[name], FILE_STORAGE_DEFAULTS[name]), min, max)
  const rewriteFactor = orDefault(loose['rewriteFactor'], FILE_STORAGE_DEFAULTS.rewriteFactor)
  return Object.freeze({
    path: resolve(path),
    fsync: fsync as SyncPolicy,
    syncIntervalMs: integer('syncIntervalMs', 1, 86_400_000),
    recordBytesMax: integer('recordBytesMax', 8_192, 1_073_741_824),
    rewriteFactor: numberIn('rewriteFactor', rewriteFactor, 0.5, 100),
    rewriteBytesMin: integer('rewriteBytesMin', 0, 1_073_741_824),
  })
}
