/** The trial of one mutant: it is made, hunted in a process of its own, and judged. */

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Finding } from './finding.ts'
import type { HuntRequest } from './hunt-process.ts'
import type { Mutant } from './mutant.ts'
import { makeCopy } from './workshop.ts'

/** How to try. */
export interface TrialOptions {
  /** The root of the repository; its sources are compiled already. */
  readonly root: string
  readonly isShort?: boolean
  readonly isShrinking?: boolean
  /** A hunt that takes longer is ended, and the mutant has survived it. */
  readonly timeLimitMs: number
  readonly signal?: AbortSignal
}

/** What came of it. */
export interface Trial extends Finding {
  readonly isCaught: boolean
  /** Time of the hunt, ms. */
  readonly tookMs: number
}

const OUTPUT_CHARS_MAX = 2_000_000

/**
 * Tries a mutant, or the whole engine when there is none.
 *
 * @throws {Error} the mutant has lost its anchor or does not compile, or the hunting process ended without a finding
 */
export async function tryMutant(mutant: Mutant | undefined, options: TrialOptions): Promise<Trial> {
  const copy = await makeCopy(options.root, mutant)
  try {
    const startMs = performance.now()
    const finding = await huntCopy(copy.compiledDir, mutant, options)
    return { ...finding, isCaught: finding.by !== undefined, tookMs: performance.now() - startMs }
  } finally {
    copy.dispose()
  }
}

function huntCopy(compiledDir: string, mutant: Mutant | undefined, options: TrialOptions): Promise<Finding> {
  const { isShort = false, isShrinking = false, timeLimitMs, signal } = options
  const request: HuntRequest = { isShort, isShrinking, first: mutant?.stage }
  const script = join(dirname(fileURLToPath(import.meta.url)), 'hunt-process.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, compiledDir, JSON.stringify(request)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' as const }),
    })
    let output = ''
    let errors = ''
    let isLate = false
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-OUTPUT_CHARS_MAX)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-OUTPUT_CHARS_MAX)
    })
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, timeLimitMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve(JSON.parse(output) as Finding)
      else if (isLate) resolve(unfinished(timeLimitMs))
      else reject(new Error(`hunting ${mutant?.name ?? 'the whole engine'} ended with ${code}:\n${errors}`))
    })
  })
}

function unfinished(timeLimitMs: number): Finding {
  const problem = `nothing objected within ${timeLimitMs} ms`
  return { by: undefined, stage: undefined, runs: 0, steps: undefined, problem, report: undefined }
}
