/** Real processes of the first generation: npm `gossipmonger` with its TCP transport, on loopback, told what to do over IPC. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** What an old process holds. */
export interface OldState {
  /** Ids it holds live. */
  readonly live: readonly string[]
  /** Values by peer and key; its own map stands under its own id. */
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Where a node can be dialled. */
export interface Address {
  readonly host: string
  readonly port: number
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs in the child. The old transport takes port 0 for its default port, so the port is chosen beforehand. */
const PROGRAM = `
const Gossipmonger = require('gossipmonger'), Transport = require('gossipmonger-tcp-transport')
const { id, address, seeds, intervalMs } = JSON.parse(process.argv[1])
const transport = new Transport(address)
transport.on('error', (error) => { if (error.code === 'EADDRINUSE') process.exit(98) })
transport.listen(() => {
  const node = new Gossipmonger({ id, transport: address }, { transport, seeds: seeds.map((transport) => ({ transport })), GOSSIP_INTERVAL: intervalMs })
  node.on('error', () => {})
  node.gossip()
  const values = (data) => Object.fromEntries(Object.entries(data).map(([key, [value]]) => [key, value]))
  process.on('message', ({ set }) => {
    if (set) node.update(set[0], set[1])
    const data = { [id]: values(node.localPeer.data) }
    for (const peer of [...node.storage.livePeers(), ...node.storage.deadPeers()]) data[peer.id] = values(peer.data)
    process.send({ live: node.storage.livePeers().map((peer) => peer.id), data })
  })
  process.send('ready')
})
process.on('disconnect', () => process.exit())
`

/** One old node in a process of its own. */
export class OldProcess {
  readonly id: string
  readonly address: Address
  readonly #child: ChildProcess

  private constructor(id: string, address: Address, child: ChildProcess) {
    this.id = id
    this.address = address
    this.#child = child
  }

  /** Starts one and waits until it listens. Without an address it takes a free port. */
  static async start(
    id: string,
    seeds: readonly unknown[],
    intervalMs: number,
    address?: Address,
  ): Promise<OldProcess> {
    for (;;) {
      const at = address ?? { host: '127.0.0.1', port: await freePort() }
      const facts = JSON.stringify({ id, address: at, seeds, intervalMs })
      const child = spawn(process.execPath, ['-e', PROGRAM, facts], {
        cwd: ROOT,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      const isReady = await new Promise<boolean>((resolve) => {
        child.once('message', () => resolve(true))
        child.once('exit', () => resolve(false))
      })
      if (isReady) return new OldProcess(id, at, child)
      if (address !== undefined) throw new Error(`${id} cannot listen at port ${address.port}`)
    }
  }

  /** Sets a key, or only asks; resolves with what it holds then. */
  ask(set?: readonly [key: string, value: unknown]): Promise<OldState> {
    return new Promise((resolve) => {
      this.#child.once('message', (state) => resolve(state as OldState))
      this.#child.send({ set })
    })
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
