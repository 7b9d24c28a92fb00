/** Three nodes in three threads, connected by the transport of this folder: each tells when it knows what all have set. */

import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, MessageChannel, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { Gossipmonger } from 'gossipmonger-engine'
import { PortTransport } from './port-transport.ts'
import { Switchboard } from './switchboard.ts'

const NAMES = ['ada', 'bob', 'cleo'] as const

async function runThreads(): Promise<void> {
  const switchboard = new Switchboard()
  const workers = NAMES.map((name) => {
    const { port1, port2 } = new MessageChannel()
    switchboard.connect(port1)
    return new Worker(fileURLToPath(import.meta.url), { workerData: { name, port: port2 }, transferList: [port2] })
  })
  for (const knowledge of await Promise.all(workers.map((worker) => once(worker, 'message')))) console.log(...knowledge)
  // Nobody leaves before the last one knows: it may need what only another can tell it.
  for (const worker of workers) worker.postMessage('leave')
}

async function runNode({ name, port }: { name: string; port: MessagePort }): Promise<void> {
  const transport = new PortTransport(port, name)
  const node = new Gossipmonger<{ color: string }>({ id: name }, { transport, seeds: ['ada'], gossipIntervalMs: 100 })
  await node.start()
  node.set('color', `the color of ${name}`)
  const known = new Set<string>()
  for await (const change of node.watch({ prefix: 'color' })) {
    if (change.type === 'set') known.add(change.peer)
    if (known.size === NAMES.length) break
  }
  parentPort?.postMessage(`${name} knows ${[...known].sort().join(', ')}`)
  if (parentPort !== null) await once(parentPort, 'message')
  await node.close({ leave: true })
}

if (isMainThread) await runThreads()
else await runNode(workerData as { name: string; port: MessagePort })
