/** The command line as a user meets it: a process of its own, its lines, and the status it ends with. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** How a command ended. */
export interface Ended {
  /** Exit status, or the name of the signal. */
  readonly status: number | NodeJS.Signals
  readonly stdout: readonly string[]
  readonly stderr: string
}

/** Nothing in these tests takes as long; a process that does is killed, and its test fails. */
const RUN_MS_MAX = 60_000

/** One run of `gossipmonger`. */
export class CommandLine {
  /** How it ends. */
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #stderr: string[] = []
  #onLine: () => void = () => {}
  #isOver = false

  constructor(...words: string[]) {
    const main = fileURLToPath(new URL('../../src/agent/main.js', import.meta.url))
    const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    createInterface(child.stdout).on('line', (line) => {
      this.#lines.push(line)
      this.#onLine()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#stderr.push(text))
    const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX)
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        this.#isOver = true
        this.#onLine()
        resolve({ status: code ?? signal ?? -1, stdout: this.#lines, stderr: this.#stderr.join('') })
      })
    })
  }

  /** The first line that matches, once there is one. Throws when the process ends without it. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      if (this.#isOver) throw new Error(`ended without ${pattern}:\n${this.#lines.join('\n')}${this.#stderr.join('')}`)
      await new Promise<void>((resolve) => {
        this.#onLine = resolve
      })
    }
  }

  /** Sends a signal. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends it, whatever it is doing. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}
