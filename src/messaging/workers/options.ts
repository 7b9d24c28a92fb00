/** Where a handler lives that has a worker, and what its worker may use. */

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ResourceLimits } from 'node:worker_threads'
import { InvalidOptionError, integerIn, isPlainObject, looseOptions, numberIn } from '../../core/index.ts'
import { assertName } from '../handler.ts'
import { TIME_MS_MAX } from '../options.ts'

/** A handler that lives in a worker thread. */
export interface WorkerHandler {
  readonly worker: {
    /** The module: a `file:` URL, or a path, which is taken from the working folder if it is relative. */
    readonly file: URL | string
    /** The name of the function that the module exports. @defaultValue 'handle' */
    readonly export?: string | undefined
    /**
     * Handlers that name the same worker share one thread and its memory; the first of them says the limits.
     * @defaultValue a thread of its own
     */
    readonly name?: string | undefined
    /** Calls that the thread has not answered. @defaultValue 256 */
    readonly pendingCallsMax?: number | undefined
    /** How long loading a module may take, ms; then the thread is ended. @defaultValue 10_000 */
    readonly startTimeoutMs?: number | undefined
    /** Memory of the thread, as `node:worker_threads` has it. @defaultValue Node's */
    readonly resourceLimits?: ResourceLimits | undefined
  }
}

/** The same with every field filled. */
export interface WorkerSource {
  readonly file: string
  readonly export: string
  readonly name: string | undefined
  readonly limits: WorkerLimits
}

/** What one thread may use. */
export interface WorkerLimits {
  readonly pendingCallsMax: number
  readonly startTimeoutMs: number
  readonly resourceLimits: ResourceLimits
}

const DEFAULTS = Object.freeze({ export: 'handle', pendingCallsMax: 256, startTimeoutMs: 10_000 })
const FIELDS = ['file', 'export', 'name', 'pendingCallsMax', 'startTimeoutMs', 'resourceLimits']
const RESOURCES = ['maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb'] as const
const RESOURCE_MB_MAX = 2 ** 20

/**
 * Reads where a handler lives.
 *
 * @returns undefined if it is no description of a worker at all, but perhaps a function
 * @throws {InvalidOptionError} a field is unknown or out of range
 */
export function workerSource(handler: unknown): WorkerSource | undefined {
  if (!isPlainObject(handler) || !Object.hasOwn(handler, 'worker')) return undefined
  const { worker } = looseOptions(handler, 'handler', ['worker'])
  if (!isPlainObject(worker)) throw new InvalidOptionError('handler.worker', 'an object', worker)
  const given = looseOptions(worker, 'handler.worker', FIELDS)
  const exported = given['export'] ?? DEFAULTS.export
  assertName('handler.worker.export', exported)
  const { name } = given
  if (name !== undefined) assertName('handler.worker.name', name)
  const number = (field: 'pendingCallsMax' | 'startTimeoutMs', max: number): number =>
    given[field] === undefined ? DEFAULTS[field] : integerIn(`handler.worker.${field}`, given[field], 1, max)
  return Object.freeze({
    file: fileOf(given['file']),
    export: exported,
    name,
    limits: Object.freeze({
      pendingCallsMax: number('pendingCallsMax', 2 ** 20),
      startTimeoutMs: number('startTimeoutMs', TIME_MS_MAX),
      resourceLimits: resourcesOf(given['resourceLimits']),
    }),
  })
}

function fileOf(file: unknown): string {
  if (file instanceof URL && file.protocol === 'file:') return file.href
  if (typeof file === 'string' && file.startsWith('file:') && URL.canParse(file)) return file
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return pathToFileURL(resolve(file)).href
  throw new InvalidOptionError('handler.worker.file', 'a file: URL or a path', file)
}

function resourcesOf(value: unknown): ResourceLimits {
  const given = looseOptions(value, 'handler.worker.resourceLimits', RESOURCES)
  const limits: ResourceLimits = {}
  for (const name of RESOURCES) {
    if (given[name] === undefined) continue
    limits[name] = numberIn(`handler.worker.resourceLimits.${name}`, given[name], 0, RESOURCE_MB_MAX)
  }
  return limits
}
