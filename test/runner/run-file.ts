/**
 * Runs one test file in a process of its own, with a deadline. The process leads its own group, so that everything it
 * started ends with it, whether it passed, hung or died.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import type { Ending } from './totals.ts'

/** Output beyond this is cut at its front: the totals and the last failures stand at the end. */
const OUTPUT_CHARS_MAX = 2_000_000

/** Ends every test process that still runs; for the runner's own early end. */
export class TestProcesses {
  readonly #running = new Set<ChildProcess>()

  /**
   * Runs one compiled test file to its end.
   *
   * @param timeoutMs - after this the process and all it started are killed
   */
  run(path: string, timeoutMs: number): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--enable-source-maps', path], {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      })
      this.#running.add(child)
      let output = ''
      let timedOut = false
      const keep = (chunk: string): void => {
        output = (output + chunk).slice(-OUTPUT_CHARS_MAX)
      }
      child.stdout.setEncoding('utf8').on('data', keep)
      child.stderr.setEncoding('utf8').on('data', keep)
      const timer = setTimeout(() => {
        timedOut = true
        killGroup(child)
      }, timeoutMs)
      child.on('error', reject)
      // A grandchild may still hold the pipes, so the group is killed before the pipes' end is awaited.
      child.on('exit', () => killGroup(child))
      child.on('close', (exitCode) => {
        clearTimeout(timer)
        this.#running.delete(child)
        resolve({ output, exitCode, timedOut, timeoutMs })
      })
    })
  }

  /** Kills whatever runs. */
  killAll(): void {
    for (const child of this.#running) killGroup(child)
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is empty: everything has ended already.
  }
}
