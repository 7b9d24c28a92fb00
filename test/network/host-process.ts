/** What runs on a host of the laboratory: one node over TCP, told what to do by the process that started it. */

import { Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'

/** What a node is asked. */
export type Question =
  | { readonly ask: 'set'; readonly key: string; readonly value: JsonValue }
  | { readonly ask: 'state' }

/** What it answers to `state`. */
export interface HostState {
  readonly id: string
  readonly live: readonly string[]
  readonly dead: readonly string[]
  /** Every peer's map, the own one included, as one text: equal texts are equal copies. */
  readonly copies: string
  /** How often this node has held somebody dead since it started. */
  readonly deaths: number
  readonly rounds: number
}

const [id = '', host = '', seed = ''] = process.argv.slice(2)
const PORT = 9_742
const transport = new TcpTransport({ host, port: PORT, plainText: true })
const seeds = [{ host: seed, port: PORT }]
const node = new Gossipmonger({ id }, { transport, seeds, gossipIntervalMs: 200 })
let deaths = 0
node.on('peer dead', () => deaths++)
node.on('error', () => {}) // There is plenty of trouble, on purpose.
node.set('name', id)

process.on('message', (question: Question) => {
  if (question.ask === 'set') node.set(question.key, question.value)
  else process.send?.(state())
})
process.on('disconnect', () => process.exit())
await node.start()
process.send?.(state())

function state(): HostState {
  const ids = (peers: readonly { readonly id: string }[]): string[] => peers.map((peer) => peer.id).sort()
  const known = [...ids(node.peers()), id].sort()
  const copies = known.map((each) => [each, Object.fromEntries([...node.entries(each)].sort())])
  const { rounds } = node.stats
  return {
    id,
    live: ids(node.livePeers()),
    dead: ids(node.deadPeers()),
    copies: JSON.stringify(copies),
    deaths,
    rounds,
  }
}
