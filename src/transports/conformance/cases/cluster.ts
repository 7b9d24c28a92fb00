/** What it is all for: many messages, and real nodes that find each other and agree. */

import { Gossipmonger, type JsonValue } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { correspond, letterCount } from '../correspondence.ts'
import { described, errorProblem } from '../error-rules.ts'
import type { Scene } from '../scene.ts'

const SOAK_PEERS = 4
const SOAK_MESSAGES = 10_000
const SOAK_TEXT = 'x'.repeat(200)

const NODES = 8
const DIALLERS = 3
const KEYS = 5
const GOSSIP_INTERVAL_MS = 50

/** Cases that use a transport for long. */
export const clusterCases: readonly CaseDefinition[] = [
  { name: 'soak: 10,000 messages among four peers', needs: [], play: soak },
  { name: 'cluster: eight nodes converge over it', needs: [], play: cluster },
]

async function soak(scene: Scene): Promise<void> {
  const peers = await scene.peers(SOAK_PEERS)
  const rounds = Math.ceil(SOAK_MESSAGES / letterCount(SOAK_PEERS, 1))
  await correspond(scene, { peers, rounds, payload: (round) => ({ round, text: SOAK_TEXT }), isLong: true })
}

async function cluster(scene: Scene): Promise<void> {
  const nodes: Gossipmonger[] = []
  try {
    for (let i = 0; i < NODES; i++) nodes.push(await startNode(scene, i, nodes[0]))
    for (const node of nodes) for (let k = 0; k < KEYS; k++) node.set(`key ${k}`, sampleValue(node.id, k))
    await agreed(scene, nodes, 'every key of every node to be everywhere', KEYS)
    for (const node of nodes) {
      node.set('key 0', 'changed')
      node.delete('key 1')
    }
    await agreed(scene, nodes, 'changes and deletions to be everywhere', KEYS - 1)
    const isLive = (): boolean => nodes.every((node) => node.peers().length === NODES - 1)
    await scene.until('A whole cluster', 'every node to know all others', isLive)
  } finally {
    await scene.within('A whole cluster', 'close() of the nodes', () => Promise.all(nodes.map((node) => node.close())))
  }
}

async function startNode(scene: Scene, i: number, seed: Gossipmonger | undefined): Promise<Gossipmonger> {
  const { diallers, listens } = scene.fixture.capabilities
  const id = `node-${i}`
  const role = diallers && i >= NODES - DIALLERS ? 'dialler' : 'listener'
  const transport = await scene.transport({ id, role })
  const node = new Gossipmonger(
    { id, transport: listens || role === 'dialler' ? undefined : scene.fixture.addressOf(transport) },
    {
      transport,
      clusterId: 'conformance',
      gossipIntervalMs: GOSSIP_INTERVAL_MS,
      seeds: seed === undefined ? [] : [seed.address ?? null],
    },
  )
  for (const event of ['update', 'delete', 'peer live', 'new peer'] as const) node.on(event, () => scene.wake())
  node.on('error', (error) => {
    const problem = errorProblem(error)
    if (problem !== undefined) scene.violate('Errors', 'errors to be coded', `${problem}: ${described(error)}`, error)
  })
  await scene.within('A whole cluster', 'start() of a node', () => node.start())
  return node
}

async function agreed(scene: Scene, nodes: readonly Gossipmonger[], expected: string, keys: number): Promise<void> {
  let wanting = ''
  let told = 0
  const hasAgreed = (): boolean => {
    const copies = nodes.flatMap((node) => nodes.map((owner) => isSame(node, owner, keys)))
    const right = copies.filter(Boolean).length
    wanting = `${right} of ${copies.length} copies`
    if (right !== told) scene.progress(`${expected}: ${wanting}`)
    told = right
    return right === copies.length
  }
  await scene.until('A whole cluster', expected, hasAgreed)
}

function isSame(node: Gossipmonger, owner: Gossipmonger, keys: number): boolean {
  const [copy, own] = [node.entries(owner.id), owner.entries(owner.id)]
  if (copy.size !== keys || own.size !== keys) return false
  return [...own].every(([key, value]) => JSON.stringify(copy.get(key)) === JSON.stringify(value))
}

function sampleValue(id: string, k: number): JsonValue {
  return { of: id, number: k, text: 'é'.repeat(20) }
}
