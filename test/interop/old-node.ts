/** The near end of a process that is a node of npm `gossipmonger` 0.1.x. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { JsonValue } from '../../src/core/index.ts'
import type { OldProcessOrder, OldProcessSetup, OldProcessView, OldProcessWord } from './old-process.ts'

/** How a node is made; without a port it gets a free one. */
export interface OldNodeOptions extends Partial<OldProcessSetup> {
  readonly id: string
  readonly seeds: OldProcessSetup['seeds']
}

const SCRIPT = fileURLToPath(new URL('old-process.js', import.meta.url))
const ATTEMPTS = 5

/** A running process. */
export class OldNode {
  readonly id: string
  readonly transport: { readonly host: string; readonly port: number }
  /** Errors its node had told when it was last asked. */
  errors = 0
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (peers: Readonly<Record<string, OldProcessView>>) => void>()
  #asked = 0

  private constructor(id: string, port: number, child: ChildProcess) {
    this.id = id
    this.transport = { host: '127.0.0.1', port }
    this.#child = child
    child.on('message', (word: OldProcessWord) => {
      if (typeof word !== 'object') return
      this.errors = word.errors
      this.#waiting.get(word.answer)?.(word.peers)
    })
  }

  /** Starts one; settles once it listens. */
  static async start(options: OldNodeOptions): Promise<OldNode> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = options.port ?? (await freePort())
      const setup: OldProcessSetup = { intervalMs: 150, keys: {}, ...options, port }
      const child = fork(SCRIPT, [JSON.stringify(setup)])
      const [word] = (await once(child, 'message')) as [OldProcessWord]
      if (word === 'listening') return new OldNode(options.id, port, child)
      await once(child, 'exit')
    }
    throw new Error(`no free port in ${ATTEMPTS} attempts`)
  }

  update(key: string, value: JsonValue): void {
    this.#order({ update: [key, value] })
  }

  /** What it knows of itself and of others, by id. */
  peers(): Promise<Readonly<Record<string, OldProcessView>>> {
    const ask = ++this.#asked
    return new Promise((resolve) => {
      this.#waiting.set(ask, (peers) => {
        this.#waiting.delete(ask)
        resolve(peers)
      })
      this.#order({ ask })
    })
  }

  /** Ends it without a word; settles once its port is free. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  #order(order: OldProcessOrder): void {
    this.#child.send(order)
  }
}

/** A port nobody has at the moment. The package cannot be asked to find one itself: it takes 0 for 9742. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}
