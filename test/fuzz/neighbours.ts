/** A node to be attacked and its good neighbour, each in a process of its own in which nothing may go unhandled. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JsonValue } from '../../src/core/index.ts'
import type { Wire } from './corpus.ts'
import type { NodeFacts, Question } from './node-process.ts'

const ANSWER_TIMEOUT_MS = 20_000

/** One node process. */
export class NodeProcess {
  readonly id: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: JsonValue) => void>()
  #questions = 0
  #output = ''
  #isGone = false

  constructor(wire: Wire, id: string, seed?: JsonValue) {
    this.id = id
    const path = fileURLToPath(new URL('./node-process.js', import.meta.url))
    const seeds = seed === undefined ? [] : [JSON.stringify(seed)]
    this.#child = fork(path, [wire, id, ...seeds], {
      execArgv: ['--unhandled-rejections=strict'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-4_000)
    }
    this.#child.stdout?.on('data', keep)
    this.#child.stderr?.on('data', keep)
    this.#child.on('exit', () => (this.#isGone = true))
    this.#child.on('message', ({ number, answer }: { number: number; answer: JsonValue }) => {
      this.#waiting.get(number)?.(answer)
      this.#waiting.delete(number)
    })
  }

  /** Whether its process has ended. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** The last it wrote. */
  get output(): string {
    return this.#output
  }

  /** Where it is reached. */
  started(): Promise<JsonValue> {
    return this.#answerTo(0)
  }

  /** Asks it. Fails if it is gone, or silent for too long. */
  ask(question: Question): Promise<JsonValue> {
    const number = ++this.#questions
    this.#child.send({ number, question }, () => {})
    return this.#answerTo(number)
  }

  async facts(): Promise<NodeFacts> {
    return (await this.ask({ ask: 'facts' })) as unknown as NodeFacts
  }

  /** The keys it holds of somebody. */
  async entries(of: string): Promise<ReadonlyMap<string, JsonValue>> {
    return new Map((await this.ask({ ask: 'entries', of })) as [string, JsonValue][])
  }

  /** Ends its process. */
  kill(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isGone) resolve()
      this.#child.on('exit', () => resolve())
      this.#child.kill('SIGKILL')
    })
  }

  #answerTo(number: number): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      const fail = (problem: string): void => reject(new Error(`${this.id} ${problem}\n${this.#output}`))
      const timer = setTimeout(() => fail(`did not answer for ${ANSWER_TIMEOUT_MS} ms`), ANSWER_TIMEOUT_MS)
      const onExit = (): void => fail('is gone')
      if (this.#isGone) onExit()
      this.#child.once('exit', onExit)
      this.#waiting.set(number, (answer) => {
        clearTimeout(timer)
        this.#child.off('exit', onExit)
        resolve(answer)
      })
    })
  }
}

/** The two. */
export interface Neighbours {
  readonly victim: NodeProcess
  readonly friend: NodeProcess
  readonly port: number
  close(): Promise<void>
}

/** Starts both, under names that no recorded frame knows, and waits until they know each other. */
export async function startNeighbours(wire: Wire): Promise<Neighbours> {
  const victim = new NodeProcess(wire, `victim of ${wire}`)
  const address = await victim.started()
  const friend = new NodeProcess(wire, `friend over ${wire}`, address)
  await friend.started()
  const close = async (): Promise<void> => {
    await Promise.all([victim.kill(), friend.kill()])
  }
  return { victim, friend, port: portOf(address), close }
}

function portOf(address: JsonValue): number {
  const { port, url } = address as { port?: number; url?: string }
  return port ?? Number(new URL(typeof address === 'string' ? address : (url as string)).port)
}
