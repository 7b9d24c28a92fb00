/**
 * A node in a process of its own, asked and told by messages: `node node-process.js WIRE ID [SEED]`. With
 * `GOSSIP_FUZZ_BUG` set, it dies of a frame that holds this text: so it is known that a crash would be found.
 */

import { type GossipError, Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import type { Wire } from './corpus.ts'
import { makeTransport } from './make-transport.ts'

/** What a node is asked. */
export type Question =
  | { readonly ask: 'set'; readonly key: string; readonly value: JsonValue }
  | { readonly ask: 'entries'; readonly of: string }
  | { readonly ask: 'facts' }

/** What it says of itself. */
export interface NodeFacts {
  readonly rssBytes: number
  readonly peers: number
  readonly live: readonly string[]
  /** How often each code was told. */
  readonly codes: Readonly<Record<string, number>>
}

const [wire, id, seed] = process.argv.slice(2) as [Wire, string, string | undefined]
const codes: Record<string, number> = {}
const transport = makeTransport(wire)
const node = new Gossipmonger(
  { id },
  {
    transport,
    clusterId: 'fuzz',
    gossipIntervalMs: 200,
    seeds: seed === undefined ? [] : [JSON.parse(seed) as JsonValue],
    peersMax: 200,
    valueBytesMax: 900,
    mapBytesMax: 2 ** 20,
  },
)
const bug = process.env['GOSSIP_FUZZ_BUG']
node.on('error', (error) => {
  const { code } = error as GossipError
  codes[code] = (codes[code] ?? 0) + 1
})
transport.on('digest', (_, digest) => {
  if (bug !== undefined && JSON.stringify(digest).includes(bug)) process.nextTick(() => crash())
})
transport.on('session', (session) => {
  session.on('frame', () => {})
  session.on(
    'channel',
    (offer) =>
      void offer
        .accept()
        .readable.cancel()
        .catch(() => {}),
  )
})
await node.start()
process.on('disconnect', () => process.exit(0))
process.on('message', ({ number, question }: { number: number; question: Question }) => {
  process.send?.({ number, answer: answer(question) })
})
process.send?.({ number: 0, answer: node.address })

function answer(question: Question): JsonValue {
  if (question.ask === 'set') return node.set(question.key, question.value)
  if (question.ask === 'entries') return [...node.entries(question.of)].map(([key, value]) => [key, value])
  const live = node.livePeers().map((peer) => peer.id)
  return { rssBytes: process.memoryUsage.rss(), peers: node.peers().length, live, codes }
}

function crash(): never {
  throw new Error('the bug that was asked for')
}
