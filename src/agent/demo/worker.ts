/** One node of the demo, in a process of its own: does what it is told by the process that started it, and ends with it. */

import { type Explanation, GossipError, Gossipmonger, type JsonValue, jsonBytes } from '../../core/index.ts'
import { TcpTransport } from '../../tcp/index.ts'
import type { Copy, Entries, NodeFacts, NodePlan, OrderMessage, Started, WorkerMessage } from './orders.ts'

/** The node of this process, once it was told which. */
let node: Gossipmonger | undefined
const traffic = { messages: 0, bytes: 0 }
const errors: Record<string, number> = {}

async function start({ id, clusterId, gossipIntervalMs, seeds }: NodePlan): Promise<Started> {
  const transport = new TcpTransport({ host: '127.0.0.1', port: 0 })
  const starting = new Gossipmonger({ id }, { transport, clusterId, gossipIntervalMs, seeds })
  const countSent = (_to: unknown, payload: JsonValue): void => {
    traffic.messages++
    traffic.bytes += jsonBytes(payload)
  }
  starting.on('digest send', countSent).on('deltas send', countSent)
  starting.on('error', (error) => {
    const code = error instanceof GossipError ? error.code : error.name
    errors[code] = (errors[code] ?? 0) + 1
  })
  starting.on('peer dead', (peer) => {
    const phi = starting.explain(peer.id)?.phi ?? 0
    say({ says: 'death', death: { peer: peer.id, phi, round: starting.stats.rounds } })
  })
  node = await starting.start()
  return { generation: node.generation, address: node.address ?? null }
}

function set(entries: Entries): number {
  for (const [key, value] of entries) running().set(key, value)
  return running().stats.rounds
}

function remove(keys: readonly string[]): number {
  for (const key of keys) running().delete(key)
  return running().stats.rounds
}

function facts(): NodeFacts {
  const { id, stats } = running()
  const ids = [
    id,
    ...running()
      .peers()
      .map((peer) => peer.id),
  ]
  return { rounds: stats.rounds, traffic, errors, copies: ids.map(explain) }
}

function copy(peer: string): Copy {
  const { generation, hash } = explain(peer)
  return { generation, hash, entries: [...running().entries(peer)] }
}

async function stop(): Promise<null> {
  await running().close()
  return null
}

function obey(message: OrderMessage): unknown {
  switch (message.order) {
    case 'start':
      return start(message.details)
    case 'set':
      return set(message.details)
    case 'delete':
      return remove(message.details)
    case 'facts':
      return facts()
    case 'copy':
      return copy(message.details)
    case 'stop':
      return stop()
  }
}

function running(): Gossipmonger {
  if (node === undefined) throw new GossipError('this node was not started')
  return node
}

function explain(peer: string): Explanation {
  const explanation = running().explain(peer)
  if (explanation === undefined) throw new GossipError(`${peer} is unknown here`)
  return explanation
}

function say(message: WorkerMessage): void {
  if (process.connected) process.send?.(message)
}

async function answer(message: OrderMessage): Promise<void> {
  const { number, order } = message
  try {
    say({ says: 'answer', number, answer: await obey(message) })
  } catch (error) {
    if (!(error instanceof GossipError)) throw error
    say({ says: 'refusal', number, code: error.code, problem: error.message })
  }
  if (order === 'stop') process.disconnect()
}

process.on('message', (message) => void answer(message as OrderMessage))
process.on('disconnect', () => process.exit())
// Ctrl-C reaches every process of the terminal; the one that started this one decides.
process.on('SIGINT', () => {})
