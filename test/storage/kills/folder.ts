/** A folder whose nodes are killed, one after the other, and everything they had promised by then. */

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'

/** What was seen so far. */
export interface Tally {
  kills: number
  generations: number
  acknowledged: number
  /** Lives that were killed before they had found out what former ones left. */
  killedEarly: number
}

/** One folder. */
export class KilledFolder {
  readonly tally: Tally = { kills: 0, generations: 0, acknowledged: 0, killedEarly: 0 }
  readonly #victim: string
  readonly #folder: string
  /** The latest value acknowledged of each key. */
  readonly #values = new Map<string, number>()
  /** Keys whose deletion was acknowledged; none of them is ever set again. */
  readonly #deleted = new Set<string>()
  #highest = 0

  /** @param victim - the program that is killed */
  constructor(victim: string, folder: string) {
    this.#victim = victim
    this.#folder = folder
  }

  /**
   * Runs a node, kills it, and holds what it said to what all former ones had.
   *
   * @param whenReady - resolves when it is to be killed; called when the node's code was loaded, before it opens the folder
   */
  async kill(whenReady: (log: () => string) => Promise<void>): Promise<void> {
    const path = join(this.#folder, 'log')
    const log = openSync(path, 'w')
    const child = spawn(process.execPath, [this.#victim, join(this.#folder, 'data'), `${this.tally.kills}`], {
      stdio: ['ignore', log, 'pipe', 'pipe'],
    })
    closeSync(log)
    let complaint = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)))
    await Promise.race([ready(child), ended])
    await Promise.race([whenReady(() => readFileSync(path, 'utf8')), ended])
    child.kill('SIGKILL')
    assert.is(await ended, 'SIGKILL', `life ${this.tally.kills} ended by itself: ${complaint}`)
    this.tally.kills++
    this.#read(readFileSync(path, 'utf8'))
  }

  #read(log: string): void {
    // The last line may have been cut off by the kill.
    const lines = log.split('\n').slice(0, -1)
    const said = lines.filter((line) => line.startsWith('g ')).map((line) => Number(line.slice(2)))
    for (const generation of said) {
      assert.ok(generation > this.#highest, `generation ${generation} after ${this.#highest} of a former life`)
    }
    for (const [i, generation] of said.entries()) assert.ok(generation >= (said[i - 1] ?? 0), 'it went back')
    this.#highest = Math.max(this.#highest, ...said)
    this.tally.generations += new Set(said).size
    if (lines.includes('found')) this.#compare(lines.filter((line) => line.startsWith('f ')))
    else this.tally.killedEarly++
    for (const line of lines) {
      const [kind, key = '', value] = line.split(' ')
      if (kind === 'd') this.#deleted.add(key.replace('_', ' '))
      if (kind === 'k') this.#values.set(key, Number(value))
      if (kind === 'd' || kind === 'k') this.tally.acknowledged++
    }
  }

  #compare(lines: readonly string[]): void {
    const found = new Map(
      lines.map((line): [string, number] => {
        const [, key = '', value] = /^f (.+) \d+ (\d+)$/.exec(line) ?? []
        return [key, Number(value)]
      }),
    )
    for (const [key, value] of this.#values) {
      const present = found.get(key) ?? 0
      assert.ok(present >= value, `${key} was acknowledged as ${value}, and is ${present}`)
    }
    for (const key of found.keys()) assert.not(this.#deleted.has(key), `${key} is back`)
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.stdio[3]?.on('data', () => resolve()))
}
