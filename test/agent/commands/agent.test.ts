import { createServer, type Server } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandLine } from '../command-line.ts'

const agent = suite('agent')

const running: CommandLine[] = []
let server: Server | undefined

function start(...words: string[]): CommandLine {
  const commandLine = new CommandLine('agent', '--port', '0', '--interval', '50', ...words)
  running.push(commandLine)
  return commandLine
}

/** The address a node says it listens at. */
async function addressOf(commandLine: CommandLine): Promise<string> {
  const line = await commandLine.line(/ listening /)
  return / at (\S+:\d+), generation \d+$/.exec(line)?.[1] ?? `no address in ${line}`
}

agent.after.each(async () => {
  await Promise.all(running.splice(0).map((commandLine) => commandLine.kill()))
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  server = undefined
})

agent('two nodes see each other and their keys, and a Ctrl-C is a goodbye', async () => {
  const alice = start('--id', 'alice', '--set', 'color=red', '--set', 'limits={"cpu": 4}')
  const bob = start('--id', 'bob', '--join', await addressOf(alice), '--set', 'color=blue')
  await bob.line(/ {2}set +alice color = "red"$/)
  await bob.line(/ {2}set +alice limits = \{"cpu":4\}$/)
  await alice.line(/ {2}set +bob color = "blue"$/)
  await Promise.all([alice.line(/peer live +bob at /), bob.line(/peer live +alice at /)])
  bob.signal('SIGINT')
  await alice.line(/peer left +bob at /)
  const { status, stdout, stderr } = await bob.ended
  assert.is(status, 0)
  assert.is(stderr, '')
  assert.match(stdout.at(-1) ?? '', / left +bob$/)
  alice.signal('SIGTERM')
  assert.is((await alice.ended).status, 0)
})

agent('a node that is killed is suspected, then dead, with its φ', async () => {
  const alice = start('--id', 'alice', '--json')
  const listening = JSON.parse(await alice.line(/"listening"/)) as { address: { host: string; port: number } }
  const bob = start('--id', 'bob', '--join', `${listening.address.host}:${listening.address.port}`)
  await alice.line(/"peer live"/)
  await bob.kill()
  const suspected = JSON.parse(await alice.line(/"peer suspected"/)) as { peer: string; phi: number }
  const dead = JSON.parse(await alice.line(/"peer dead"/)) as { peer: string; phi: number; silentMs: number }
  assert.is(suspected.peer, 'bob')
  assert.ok(suspected.phi >= 3)
  assert.is(dead.peer, 'bob')
  assert.ok(dead.phi >= 8 && dead.silentMs > 0)
})

agent('keys of --ttl vanish from the other node too', async () => {
  const alice = start('--id', 'alice')
  start('--id', 'bob', '--join', await addressOf(alice), '--set', 'brief=1', '--ttl', '1s')
  await alice.line(/ {2}set +bob brief = 1$/)
  await alice.line(/ {2}delete +bob brief$/)
})

agent('a node of another cluster is refused, and told so', async () => {
  const alice = start('--id', 'alice', '--cluster', 'red')
  const bob = start('--id', 'bob', '--cluster', 'blue', '--join', await addressOf(alice))
  await Promise.all([alice.line(/GOSSIP_CLUSTER_FOREIGN/), bob.line(/GOSSIP_CLUSTER_FOREIGN/)])
})

agent('a node behind a relay is reached through it, and comes back when the relay does', async () => {
  const relay = start('--id', 'relay', '--relay')
  const address = await addressOf(relay)
  const port = address.slice(address.lastIndexOf(':') + 1)
  const alice = start('--id', 'alice', '--behind', address, '--set', 'color=red')
  const bob = start('--id', 'bob', '--behind', address)
  await bob.line(/ {2}set +alice color = "red"$/)
  await Promise.all([relay.line(/peer live +bob at /), bob.line(/peer live +alice at /)])
  await relay.kill()
  await alice.line(/GOSSIP_RELAY_LOST/)
  const again = start('--id', 'relay', '--relay', '--port', port)
  await again.line(/ {2}set +alice color = "red"$/)
})

agent('a relay has to be dialled, so it is behind none', async () => {
  const { status, stderr } = await start('--relay', '--behind', '127.0.0.1:1').ended
  assert.is(status, 2)
  assert.match(stderr, /--behind must be left out with --relay/)
})

agent('a port in use is fatal, and the message says what to do', async () => {
  const busy = createServer()
  server = busy
  const port = await new Promise<number>((resolve) => {
    busy.listen(0, '127.0.0.1', () => {
      const address = busy.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const { status, stdout, stderr } = await start('--id', 'alice', '--port', String(port)).ended
  assert.is(status, 1)
  assert.equal(stdout, [])
  assert.match(stderr, /^gossipmonger: GOSSIP_ADDRESS_IN_USE: .*--port 0\n$/)
})

agent('a value that cannot be set ends it with the reason', async () => {
  const { status, stderr } = await start('--set', `large=${'x'.repeat(70_000)}`).ended
  assert.is(status, 1)
  assert.match(stderr, /^gossipmonger: GOSSIP_VALUE_TOO_LARGE: /)
})

agent.run()
