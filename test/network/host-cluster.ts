/** Nodes on the hosts of a laboratory, one each, and what can be waited for. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HostState, Question } from './host-process.ts'
import { type Drop, Lab } from './lab.ts'

const POLL_MS = 250
/** Nothing here takes as long; what does has failed. */
const DEADLINE_MS = 90_000

/** Hosts `1` to `n`, each with a node named `n1` to `nN`; all but the first know the first, which knows the second. */
export class HostCluster {
  readonly lab: Lab
  readonly #processes: readonly ChildProcess[]

  private constructor(lab: Lab, processes: readonly ChildProcess[]) {
    this.lab = lab
    this.#processes = processes
  }

  /** @param name - see {@link Lab} */
  static async start(name: string, hosts: number): Promise<HostCluster> {
    const lab = new Lab(name, hosts)
    const numbers = Array.from({ length: hosts }, (_, index) => index + 1)
    const cluster = new HostCluster(
      lab,
      numbers.map((host) => startOn(lab, host)),
    )
    await Promise.all(cluster.#processes.map((child) => once(child, 'message')))
    return cluster
  }

  /** Stops everything and deletes the laboratory. */
  async end(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }),
    )
    this.lab.delete()
  }

  /** Sends a signal to the process on a host. */
  signal(host: number, signal: NodeJS.Signals): void {
    this.#process(host).kill(signal)
  }

  set(host: number, key: string, value: string): void {
    this.#tell(host, { ask: 'set', key, value })
  }

  drop(...drops: readonly Drop[]): void {
    for (const drop of drops) this.lab.drop(drop)
  }

  async state(host: number): Promise<HostState> {
    const answer = once(this.#process(host), 'message')
    this.#tell(host, { ask: 'state' })
    const [state] = (await answer) as [HostState]
    return state
  }

  /** Waits until these hosts hold one another live, nobody of them dead, and the same keys and values. */
  async converged(hosts: readonly number[], what: string): Promise<void> {
    await this.until(`${what}: hosts ${hosts.join()} to agree`, async () => {
      const states = await Promise.all(hosts.map((host) => this.state(host)))
      const names = states.map(({ id }) => id)
      const isSound = ({ id, live, dead }: HostState): boolean =>
        names.every((name) => name === id || live.includes(name)) && !names.some((name) => dead.includes(name))
      const isEqual = states.every(({ copies }) => copies === states[0]?.copies)
      return states.every(isSound) && isEqual ? undefined : states.map((each) => JSON.stringify(each)).join('\n')
    })
  }

  /** Waits until a question has no more problem to tell. */
  async until(expected: string, problemOf: () => Promise<string | undefined>): Promise<void> {
    const end = performance.now() + DEADLINE_MS
    for (;;) {
      const problem = await problemOf()
      if (problem === undefined) return
      if (performance.now() > end) throw new Error(`waited for ${expected}; at last:\n${problem}`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  #tell(host: number, question: Question): void {
    this.#process(host).send(question)
  }

  #process(host: number): ChildProcess {
    return this.#processes[host - 1] as ChildProcess
  }
}

function startOn(lab: Lab, host: number): ChildProcess {
  const program = fileURLToPath(new URL('./host-process.js', import.meta.url))
  const seed = lab.addressOf(host === 1 ? 2 : 1)
  const [command = '', ...words] = lab.commandOn(host)
  const all = [...words, process.execPath, program, `n${host}`, lab.addressOf(host), seed]
  return spawn(command, all, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}
