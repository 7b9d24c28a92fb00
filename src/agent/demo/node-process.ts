/** A node process as the demo holds it: orders and answers, and how it ends. */

import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailedError } from '../cli/index.ts'
import type { Death, OrderMessage, Orders, WorkerMessage } from './orders.ts'

/** How long a node process may take to answer. */
const ANSWER_MS_MAX = 60_000
/** How long it may take to end by itself. */
const END_MS_MAX = 2_000

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** One forked process that runs one node. */
export class NodeProcess {
  readonly id: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  #orders = 0
  #ending: string | undefined

  /** @param onDeath - called when its node calls a peer dead */
  constructor(id: string, onDeath: (death: Death) => void) {
    this.id = id
    const here = fileURLToPath(import.meta.url)
    const worker = fileURLToPath(new URL(`./worker${extname(here)}`, import.meta.url))
    this.#child = fork(worker, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child.on('message', (message) => this.#onMessage(message as WorkerMessage, onDeath))
    this.#child.on('error', (error) => this.#onEnded(error.message))
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#onEnded(signal === null ? `exit status ${code}` : signal)
        resolve()
      })
    })
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /**
   * Gives an order.
   *
   * @throws {CommandFailedError} the node refused, or its process has ended or does not answer
   */
  order<Name extends keyof Orders>(order: Name, details: Orders[Name]['details']): Promise<Orders[Name]['answer']> {
    const number = ++this.#orders
    return new Promise((resolve, reject) => {
      if (this.#ending !== undefined) {
        reject(this.#lost(this.#ending))
        return
      }
      const timer = setTimeout(() => this.#settle(number)?.reject(this.#silent(order)), ANSWER_MS_MAX)
      this.#waiting.set(number, { resolve: resolve as (answer: unknown) => void, reject, timer })
      // What cannot be sent is followed by the end of the process, which rejects everything that waits.
      this.#child.send({ order, number, details } as OrderMessage, () => {})
    })
  }

  /** Kills the process, without a chance to say anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Lets the node close and its process end; kills it when that takes too long. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS_MAX)
    await this.order('stop', null).catch(() => {})
    await this.#ended
    clearTimeout(timer)
  }

  #onMessage(message: WorkerMessage, onDeath: (death: Death) => void): void {
    if (message.says === 'death') onDeath(message.death)
    else if (message.says === 'answer') this.#settle(message.number)?.resolve(message.answer)
    else this.#settle(message.number)?.reject(new CommandFailedError(message.code, `${this.id}: ${message.problem}`))
  }

  #settle(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number)
    clearTimeout(waiting?.timer)
    this.#waiting.delete(number)
    return waiting
  }

  #onEnded(ending: string): void {
    this.#ending ??= ending
    for (const number of [...this.#waiting.keys()]) this.#settle(number)?.reject(this.#lost(this.#ending))
  }

  #lost(ending: string): CommandFailedError {
    return new CommandFailedError('GOSSIP_DEMO_NODE_LOST', `the process of ${this.id} has ended: ${ending}`)
  }

  #silent(order: string): CommandFailedError {
    const problem = `${this.id} did not answer '${order}' within ${ANSWER_MS_MAX / 1_000} s`
    return new CommandFailedError('GOSSIP_DEMO_NODE_SILENT', problem)
  }
}
