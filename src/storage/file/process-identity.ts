/**
 * Which process is meant by a number, and whether it still runs. Numbers are used again, so where the system tells them,
 * the time a process was started at and the run of the system count too.
 */

import { readFile } from 'node:fs/promises'

/** A process. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the system's own count since it was started; absent where it does not say. */
  readonly startedAt?: string | undefined
  /** This run of the system, from its start to its end. */
  readonly boot?: string | undefined
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const { pid } = process
  const [status, boot] = await Promise.all([statusOf(pid), textOf('/proc/sys/kernel/random/boot_id')])
  return { pid, startedAt: status?.startedAt, boot: boot?.trim() }
}

/** Whether a process that was written down still runs, as far as it can be known. */
export async function isRunning(other: ProcessIdentity, own: ProcessIdentity): Promise<boolean> {
  if (other.boot !== undefined && own.boot !== undefined && other.boot !== own.boot) return false
  if (!hasProcess(other.pid)) return false
  const status = await statusOf(other.pid)
  if (status === undefined) return true
  if (status.hasEnded) return false
  return other.startedAt === undefined || other.startedAt === status.startedAt
}

/** What was written down, read again; undefined when it is no identity. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt, boot } = JSON.parse(text) as Record<string, unknown>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
    return { pid, startedAt: word(startedAt), boot: word(boot) }
  } catch {
    return undefined
  }
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It is there, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Linux only: the state and the start, which follow the name in parentheses. */
async function statusOf(pid: number): Promise<{ hasEnded: boolean; startedAt: string | undefined } | undefined> {
  const text = await textOf(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { hasEnded: fields[0] === 'Z' || fields[0] === 'X', startedAt: fields[19] }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined // This system does not say, or not to us.
  }
}
