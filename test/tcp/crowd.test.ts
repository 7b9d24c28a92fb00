/** Ten thousand connections that say nothing, from a process of their own. */

import { type ChildProcess, execSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Fixture, type Node, until } from './fixture.ts'

const crowd = suite('tcp: a crowd of idle connections')
const fixture = new Fixture()
const children: ChildProcess[] = []
crowd.after.each(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await fixture.closeAll()
})

/** Both processes need a descriptor per connection, and some for themselves. */
const DESCRIPTORS_MAX = Number(execSync('ulimit -n', { shell: '/bin/sh' }).toString()) || 1_024
const CROWD = Math.min(10_000, DESCRIPTORS_MAX - 200)

async function crowdAt(node: Node): Promise<{ opened: number }> {
  const child = fork(fileURLToPath(new URL('./idle-crowd.js', import.meta.url)), [String(node.port), String(CROWD)])
  children.push(child)
  const [counts] = (await once(child, 'message')) as [{ opened: number }]
  return counts
}

async function assertDelivers(node: Node, times: number): Promise<void> {
  const sender = await fixture.node(`friend ${times}`)
  sender.transport.digest(node.ref, sender.ref, [times])
  assert.equal(await node.told.heard('digest', times), [sender.ref, [times]])
}

crowd('within the limit are all kept until their deadline, and messages arrive meanwhile', async () => {
  const node = await fixture.node('a', {
    inboundConnectionsMax: 20_000,
    inboundConnectionsPerAddressMax: 20_000,
    // Long enough for a busy machine to open all of them.
    handshakeTimeoutMs: 15_000,
  })
  const rssBefore = process.memoryUsage.rss()
  const { opened } = await crowdAt(node)
  await until(() => node.transport.stats.inboundConnections >= CROWD, 'all of them')
  const grownMiB = (process.memoryUsage.rss() - rssBefore) / 2 ** 20
  console.log(`${opened} connections (descriptor limit ${DESCRIPTORS_MAX}) took ${Math.round(grownMiB)} MiB`)
  assert.is(opened, CROWD)
  assert.ok(grownMiB < 256)
  await assertDelivers(node, 1)
  await node.told.error('GOSSIP_HANDSHAKE_TIMEOUT')
  await until(() => node.transport.stats.inboundConnections <= 1, 'the deadline')
  await assertDelivers(node, 2)
})

crowd('beyond the limit give way to newcomers, so that they keep nobody out, and are told once a second', async () => {
  const node = await fixture.node('a', { inboundConnectionsPerAddressMax: 2_000 })
  await crowdAt(node)
  assert.ok(node.transport.stats.inboundConnections <= 1_024)
  await assertDelivers(node, 1)
  const error = await node.told.error('GOSSIP_CONNECTION_LIMIT')
  assert.match(error.message, /inboundConnectionsMax is 1024/)
  const limits = node.told.errors.filter(({ code }) => code === 'GOSSIP_CONNECTION_LIMIT').length
  assert.ok(limits < 30, `${limits} reports`)
})

crowd.run()
