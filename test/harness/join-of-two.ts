/** A join of two real processes over loopback, and what it cost each of them. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { JoiningSetup, JoiningWord, JoinKind, JoinReport } from './joining-process.ts'

/** What it cost both. */
export interface JoinCosts {
  readonly owner: JoinReport
  readonly joiner: JoinReport
}

/** How long a process may take to close. */
const END_MS_MAX = 5_000
const PATH = fileURLToPath(new URL('joining-process.js', import.meta.url))

/**
 * Lets one process join another that owns so much.
 *
 * @param amount - keys, or bytes of the value
 */
export async function joinOfTwo(kind: JoinKind, amount: number): Promise<JoinCosts> {
  const owner = new Joining({ kind, amount })
  let joiner: Joining | undefined
  try {
    const { address } = (await owner.word()) as Extract<JoiningWord, { address: unknown }>
    joiner = new Joining({ kind, amount, seed: address })
    await joiner.word() // its address
    await joiner.word() // that it has all
    return { joiner: await joiner.report(), owner: await owner.report() }
  } finally {
    await Promise.all([owner.end(), joiner?.end()])
  }
}

class Joining {
  readonly #child: ChildProcess
  readonly #words: JoiningWord[] = []
  #wake: () => void = () => {}
  #hasExited = false

  constructor(setup: JoiningSetup) {
    // No flags: it is measured as its user would run it.
    this.#child = fork(PATH, [JSON.stringify(setup)], { execArgv: [] })
    this.#child.on('message', (word) => {
      this.#words.push(word as JoiningWord)
      this.#wake()
    })
    this.#child.on('exit', () => {
      this.#hasExited = true
      this.#wake()
    })
  }

  async word(): Promise<JoiningWord> {
    while (this.#words.length === 0) {
      if (this.#hasExited) throw new Error('a process of the join ended early')
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
    return this.#words.shift() as JoiningWord
  }

  async report(): Promise<JoinReport> {
    this.#child.send('report')
    const { report } = (await this.word()) as Extract<JoiningWord, { report: unknown }>
    return report
  }

  /** Lets it close, and sees to it that it goes. */
  async end(): Promise<void> {
    if (this.#hasExited) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS_MAX)
    await gone
    clearTimeout(timer)
  }
}
