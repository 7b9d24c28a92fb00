/** The history of a simulation in a file, one record a line. */

import { closeSync, openSync, writeSync } from 'node:fs'
import type { TraceSink } from '../../sim/index.ts'
import { UsageError } from '../cli/index.ts'

/** Takes lines until it is closed. */
export interface TraceFile {
  readonly sink: TraceSink
  close(): void
}

const BUFFERED_CHARS_MAX = 65_536

/**
 * Opens a file anew.
 *
 * @throws {UsageError} it cannot be written
 */
export function openTrace(path: string): TraceFile {
  const file = opened(path)
  let buffered: string[] = []
  let chars = 0
  const flush = (): void => {
    writeSync(file, buffered.join(''))
    buffered = []
    chars = 0
  }
  return {
    sink: (line) => {
      buffered.push(line, '\n')
      chars += line.length + 1
      if (chars > BUFFERED_CHARS_MAX) flush()
    },
    close: () => {
      flush()
      closeSync(file)
    },
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('GOSSIP_ARGUMENT_INVALID', `--trace ${path} cannot be written: ${problem}`, cause)
  }
}
