/**
 * A node on a real socket, and strangers who send it what they like: it tells each as an error with a code, nothing of
 * it is kept, and the node goes on to gossip. What breaks a frame is in `test/tcp/hostile.test.ts`.
 */

import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type GossipError, Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'

const DEADLINE_MS = 20_000
const SENDER = { id: 'stranger', transport: { host: '127.0.0.1', port: 1 } }
const OWN = {
  id: 'stranger',
  maxVersionSeen: 1,
  generation: 7,
  heartbeat: 1,
  gcVersion: 1,
  transport: SENDER.transport,
  clusterId: 'gossipmonger',
  step: 1,
}
const GROUP = { id: 'stranger', generation: 7, from: 0, gcVersion: 1, maxVersion: 2, top: 2, entries: [['k', 1, 2]] }
const BAD_NUMBERS = ['1', -1, 1.5, 2 ** 53, Number.MAX_VALUE, true, null, {}, []]
const SPECIAL_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']

interface Context {
  node: Gossipmonger
  errors: GossipError[]
}

const hostile = suite<Context>('hostile')

hostile.before.each(async (context) => {
  context.errors = []
  context.node = new Gossipmonger({ id: 'victim' }, { transport: onLoopback(), gossipIntervalMs: 50 })
  context.node.on('error', (error) => context.errors.push(error as GossipError))
  await context.node.start()
})

hostile.after.each(async ({ node }) => {
  await node.close()
})

hostile('what the first generation crashed on is an error with a code', async (context) => {
  const lines = ['null', '{"digest":[]}', '{"digest":{},"sender":{"id":"x","transport":{}}}', 'no JSON']
  for (const line of lines) await assertTold(context, line)
  // Neither digest nor deltas: a payload for whoever listens to `rpc`, and nobody does.
  for (const line of ['[]', '7', '""', '{}']) await sendLine(context.node, line)
  await assertTold(context, JSON.stringify({ digest: {}, sender: { id: 'constructor', transport: {} } }))
  await assertStillGossips(context.node)
})

hostile('a wrong type in any field of a digest drops the digest', async (context) => {
  for (const field of ['maxVersionSeen', 'generation', 'heartbeat', 'gcVersion', 'silentMs', 'answers']) {
    for (const value of BAD_NUMBERS) await assertRefused(context, 'digest', [{ ...OWN, [field]: value }])
  }
  for (const step of [0, 3, '1', null]) await assertRefused(context, 'digest', [{ ...OWN, step }])
  for (const claim of [1, [], { from: 1, to: null }, { from: null }]) {
    await assertRefused(context, 'digest', [{ ...OWN, claim }])
  }
  for (const item of [null, 1, 'x', [], ['a'], ['a', -1], ['', 1], { id: 'a' }]) {
    await assertRefused(context, 'digest', [OWN, item])
  }
  assert.equal(context.node.peers(), [])
  await assertStillGossips(context.node)
})

hostile('a wrong type in any field of a group drops the deltas', async (context) => {
  await send(context.node, 'digest', [OWN])
  await until(() => context.node.explain('stranger') !== undefined)
  for (const field of ['generation', 'from', 'gcVersion', 'maxVersion', 'top']) {
    for (const value of BAD_NUMBERS) await assertRefused(context, 'deltas', [{ ...GROUP, [field]: value }])
  }
  const entries = [null, {}, [[]], [['k']], [['k', 1, 0]], [['k', 1, 3]], [['', 1, 2]], [['k', 1, 2, -1]], [[1, 1, 2]]]
  for (const list of entries) await assertRefused(context, 'deltas', [{ ...GROUP, entries: list as JsonValue }])
  const long = 'x'.repeat(300)
  await assertRefused(context, 'deltas', [{ ...GROUP, entries: [[long, 1, 2]] }])
  await assertRefused(context, 'deltas', [{ ...GROUP, entries: [['k', 'x'.repeat(70_000), 2]] }])
  assert.is(context.node.entries('stranger').size, 0)
  await assertStillGossips(context.node)
})

hostile('ids and keys named like parts of objects are names like any other', async (context) => {
  const peers = SPECIAL_NAMES.map(
    (id) => ({ ...OWN, id, step: undefined, clusterId: undefined }) as unknown as JsonValue,
  )
  await send(context.node, 'digest', [OWN, ...peers])
  await until(() => context.node.peers().length === SPECIAL_NAMES.length + 1)
  const entries = SPECIAL_NAMES.map((key, index): JsonValue => [key, { [`x${key}`]: key }, index + 1])
  await send(context.node, 'deltas', [{ ...GROUP, id: '__proto__', maxVersion: 4, top: 4, entries }])
  await until(() => context.node.entries('__proto__').size === SPECIAL_NAMES.length)
  assert.equal(context.node.get('__proto__', 'toString'), { xtoString: 'toString' })
  assert.is(({} as Record<string, unknown>)['xtoString'], undefined)
  assert.equal(
    context.errors.filter(({ code }) => code === 'GOSSIP_MESSAGE_MALFORMED'),
    [],
  )
})

hostile('a digest of the old dialect is refused with an error that names the option', async (context) => {
  await send(context.node, 'digest', [{ id: 'stranger', maxVersionSeen: 3, transport: SENDER.transport }])
  await until(() => context.errors.some(({ code }) => code === 'GOSSIP_OLD_PEER_REFUSED'))
  assert.match(context.errors.map(({ message }) => message).join(), /acceptOldPeers/)
  assert.equal(context.node.peers(), [])
})

hostile('a foreign cluster and deltas of an unknown sender are refused', async (context) => {
  await send(context.node, 'deltas', [GROUP])
  await until(() => context.errors.some(({ code }) => code === 'GOSSIP_SENDER_UNKNOWN'))
  await send(context.node, 'digest', [{ ...OWN, clusterId: 'elsewhere' }])
  await until(() => context.errors.some(({ code }) => code === 'GOSSIP_CLUSTER_FOREIGN'))
  assert.equal(context.node.peers(), [])
})

hostile('a thousand bad messages in a row cost nothing but errors', async (context) => {
  for (let i = 0; i < 1_000; i++) await send(context.node, 'digest', [{ ...OWN, heartbeat: -i - 1 }])
  await until(() => context.errors.length >= 1_000)
  assert.equal(context.node.peers(), [])
  await assertStillGossips(context.node)
})

hostile.run()

function onLoopback(): TcpTransport {
  return new TcpTransport({ host: '127.0.0.1', port: 0 })
}

async function assertRefused(context: Context, kind: 'digest' | 'deltas', payload: unknown): Promise<void> {
  await assertTold(context, JSON.stringify({ [kind]: payload, sender: SENDER }))
}

/** Sends a line and waits for one more error; every one has a code. */
async function assertTold({ node, errors }: Context, line: string): Promise<void> {
  const before = errors.length
  await sendLine(node, line)
  await until(() => errors.length > before, line)
  for (const error of errors.slice(before)) assert.match(error.code, /^GOSSIP_/)
}

/** Another node joins and sees a key. */
async function assertStillGossips(node: Gossipmonger): Promise<void> {
  const key = `still-${Math.random()}`
  node.set(key, 'here')
  const other = new Gossipmonger(
    { id: 'newcomer' },
    { transport: onLoopback(), seeds: [node.address ?? null], gossipIntervalMs: 50 },
  )
  try {
    await other.start()
    await until(() => other.get('victim', key) === 'here')
  } finally {
    await other.close({ leave: true })
  }
}

function send(node: Gossipmonger, kind: 'digest' | 'deltas', payload: unknown): Promise<void> {
  return sendLine(node, JSON.stringify({ [kind]: payload, sender: SENDER }))
}

/** One connection, one line, as a stranger would. */
function sendLine(node: Gossipmonger, line: string): Promise<void> {
  const { host, port } = node.address as { host: string; port: number }
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.end(`${line}\r\n`))
    socket.on('error', reject).on('close', () => resolve())
    socket.resume()
  })
}

/** Looks again until a claim holds; the deadline is far beyond what it takes. */
async function until(claim: () => boolean, what: string = claim.toString()): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!claim()) {
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what.slice(0, 300)}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
