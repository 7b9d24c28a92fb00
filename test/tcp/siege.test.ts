/** Fifty hostile clients of every kind against one of two nodes: the two go on as if nobody else were there. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type GossipError, Gossipmonger } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { until } from './fixture.ts'

const siege = suite('tcp: a siege')
const nodes: Gossipmonger[] = []
const children: ChildProcess[] = []
siege.after.each(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})

const INTERVAL_MS = 250
const KEYS = 12
/** Memory beyond this is no state of a node with forty keys, and far below what the clients send. */
const GROWTH_MIB_MAX = 300

interface Besieged {
  readonly node: Gossipmonger
  readonly transport: TcpTransport
  readonly codes: Map<string, number>
}

async function started(id: string, seeds: Gossipmonger[]): Promise<Besieged> {
  const transport = new TcpTransport({ host: '127.0.0.1', port: 0, frameBytesMax: 2 ** 20, handshakeTimeoutMs: 1_000 })
  const setup = { transport, clusterId: 'besieged', gossipIntervalMs: INTERVAL_MS, fanout: 1 }
  const node = new Gossipmonger({ id }, { ...setup, seeds: seeds.map(({ address }) => address ?? null) })
  const codes = new Map<string, number>()
  node.on('error', (error) => {
    const { code } = error as GossipError
    codes.set(code, (codes.get(code) ?? 0) + 1)
  })
  nodes.push(node)
  await node.start()
  return { node, transport, codes }
}

siege('two nodes exchange, stay alive to each other, and stay within their bounds', async () => {
  const target = await started('target', [])
  // Something to ask for: each answer to a stranger would be long.
  for (let i = 0; i < 8; i++) target.node.set(`large ${i}`, 'x'.repeat(50_000))
  const friend = await started('friend', [target.node])
  await until(() => friend.node.livePeers().length === 1 && target.node.livePeers().length === 1, 'both to be alive')
  await until(() => friend.node.get('target', 'large 7') !== undefined, 'the first keys')
  const deaths: string[] = []
  for (const { node } of [target, friend]) node.on('peer dead', ({ id }) => id !== 'besieger' && deaths.push(id))
  const rssBefore = process.memoryUsage.rss()
  const child = fork(fileURLToPath(new URL('./besieger.js', import.meta.url)), [
    String((target.node.address as { port: number }).port),
  ])
  children.push(child)
  let dials = 0
  child.on('message', (said) => (dials = (said as { dials: number }).dials))
  await until(() => dials > 50, 'the siege')
  const slowest = await exchange(target, friend)
  const growthMiB = (process.memoryUsage.rss() - rssBefore) / 2 ** 20
  const told = [...target.codes].map(([code, times]) => `${code} ${times}`).join(', ')
  console.log(
    `${dials} dials, slowest of ${KEYS} exchanges ${Math.round(slowest)} ms, ${Math.round(growthMiB)} MiB, ${told}`,
  )
  assert.equal(deaths, [])
  assert.ok(growthMiB < GROWTH_MIB_MAX, `memory grew by ${growthMiB} MiB`)
  const { inboundConnections, inboundBytes, outboundBytes } = target.transport.stats
  assert.ok(inboundConnections <= 60, `${inboundConnections} connections`)
  assert.ok(inboundBytes < 64 * 2 ** 20 && outboundBytes < 64 * 2 ** 20)
  for (const code of ['GOSSIP_MESSAGE_MALFORMED', 'GOSSIP_PEER_BANNED']) assert.ok(target.codes.has(code), told)
  assert.ok([...target.codes.keys()].every((code) => code.startsWith('GOSSIP_')))
  assert.equal([...friend.node.entries('target').keys()].sort(), [...target.node.entries('target').keys()].sort())
})

/** Writes keys on both sides, each when the one before has arrived; returns the longest that one took, ms. */
async function exchange(one: Besieged, other: Besieged): Promise<number> {
  let slowestMs = 0
  for (let i = 0; i < KEYS; i++) {
    const [writer, reader] = i % 2 === 0 ? [one.node, other.node] : [other.node, one.node]
    const startMs = performance.now()
    writer.set(`key ${i}`, i)
    await until(() => reader.get(writer.id, `key ${i}`) === i, `key ${i} of ${writer.id}`)
    slowestMs = Math.max(slowestMs, performance.now() - startMs)
  }
  return slowestMs
}

siege.run()
