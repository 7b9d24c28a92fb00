import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TcpTransport } from '../../src/tcp/index.ts'
import { Fixture, helloOf, type Node, until } from './fixture.ts'

const closing = suite('tcp: closing')
const fixture = new Fixture()
closing.after.each(() => fixture.closeAll())

/** The transport as a child process imports it. */
const MODULE = new URL('../../src/tcp/index.js', import.meta.url).href
const SENDER = { id: 'x', transport: { host: '127.0.0.1', port: 1 } }

/** Closes a transport and gives how long it took, ms. */
async function closeMs(node: Node): Promise<number> {
  const startedMs = performance.now()
  await new Promise<void>((resolve) => void node.transport.close(resolve))
  const { inboundConnections, outboundConnections, outboundBytes, inboundBytes } = node.transport.stats
  assert.equal([inboundConnections, outboundConnections, outboundBytes, inboundBytes], [0, 0, 0, 0])
  return performance.now() - startedMs
}

closing('S2.5 is prompt with clients that are idle, in the middle of a message, done, or never end', async () => {
  const node = await fixture.node('a', { closeTimeoutMs: 200 })
  const sockets = await Promise.all(Array.from({ length: 40 }, () => fixture.socket(node.port)))
  for (const [i, socket] of sockets.entries()) {
    if (i % 4 === 1) socket.write('{"digest":[')
    if (i % 4 === 2) socket.write(`${JSON.stringify({ digest: [], sender: SENDER, hello: helloOf('x') })}\n`)
    if (i % 4 === 3) socket.pause()
  }
  await until(() => node.transport.stats.inboundConnections === 40, 'all connections')
  assert.ok((await closeMs(node)) < 2_000)
  assert.equal(node.told.of('error'), [])
})

closing('is prompt while peers take nothing', async () => {
  const port = await fixture.server((socket) => {
    socket.pause()
    socket.write(`${JSON.stringify({ sender: { ...SENDER, id: 'b' }, hello: helloOf('b') })}\r\n`)
  })
  const node = await fixture.node('a', { closeTimeoutMs: 200 })
  for (let i = 0; i < 100; i++) {
    node.transport.digest({ id: 'b', transport: { host: '127.0.0.1', port } }, node.ref, 'x'.repeat(1_000_000))
    await new Promise(setImmediate)
  }
  assert.ok(node.transport.stats.outboundBytes > 0)
  assert.ok((await closeMs(node)) < 2_000)
})

closing('is prompt while dialling somebody who does not answer', async () => {
  const accepted: Socket[] = []
  const port = await fixture.server((socket) => accepted.push(socket))
  const node = await fixture.node('a', { closeTimeoutMs: 200, plainText: true })
  node.transport.digest({ transport: { host: '127.0.0.1', port } }, node.ref, [])
  node.transport.digest({ transport: { host: '192.0.2.1', port } }, node.ref, [])
  await until(() => accepted.length === 1, 'the message')
  assert.ok((await closeMs(node)) < 2_000)
})

closing('lets peers take what was sent just before, over old and new connections', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  a.transport.digest(b.ref, a.ref, ['one-shot'])
  await a.transport.close()
  assert.equal(await b.told.heard('digest'), [a.ref, ['one-shot']])

  const c = await fixture.node('c')
  for (const times of [2, 3]) {
    c.transport.digest(b.ref, c.ref, [times])
    await b.told.heard('digest', times)
    await c.told.heard('hello', times - 1) // From here on the connection is used both ways.
    await until(() => c.transport.stats.outboundConnections === times - 2, 'the end of the first connection')
  }
  c.transport.digest(b.ref, c.ref, ['lasting'])
  assert.ok((await closeMs(c)) < 400)
  assert.equal(await b.told.heard('digest', 4), [c.ref, ['lasting']])
  assert.equal(b.told.errors, [])
})

closing('works from inside a listener, and nothing more is told', async () => {
  const node = await fixture.node('a')
  let calls = 0
  const closed = new Promise<void>((resolve) => {
    node.transport.on('digest', () => {
      calls++
      void node.transport.close(resolve)
    })
  })
  const socket = await fixture.socket(node.port, false)
  socket.resume()
  socket.write(`${JSON.stringify({ digest: [], sender: SENDER, hello: helloOf('x') })}\n`.repeat(100))
  await closed
  assert.is(calls, 1)
})

closing('frees the port', async () => {
  const node = await fixture.node('a')
  const socket = await fixture.socket(node.port)
  socket.write('x')
  await node.transport.close()
  const next = fixture.keep(new TcpTransport({ host: '127.0.0.1', port: node.port }))
  next.on('error', () => {})
  await next.listen()
})

closing('ends connections it was given, without a reset, when their peers closed properly', async () => {
  const node = await fixture.node('a')
  const socket = await fixture.socket(node.port, false)
  const errors: Error[] = []
  socket.on('error', (error) => errors.push(error))
  socket.resume()
  socket.write(`${JSON.stringify({ digest: [], sender: SENDER })}\n`)
  await node.told.heard('digest')
  const closed = once(socket, 'close')
  await node.transport.close()
  await closed
  assert.equal(errors, [])
})

/** Runs a module in a process of its own, which has to end by itself. */
function runAlone(body: string): { status: number | null; output: string } {
  const script = `
    import { TcpTransport } from ${JSON.stringify(MODULE)}
    const hello = (id) => ({ protocolVersion: 1, clusterId: 't', id, generation: 1, features: [], valueBytesMax: 1 })
    const node = async (id) => {
      const transport = new TcpTransport({ host: '127.0.0.1', port: 0 })
      transport.introduce(hello(id))
      await transport.listen()
      return { transport, ref: { id, transport: transport.address } }
    }
    ${body}`
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 15_000 })
  return { status: done.status, output: done.stdout + done.stderr }
}

closing('a process ends by itself after close(), whatever went on', () => {
  const { status, output } = runAlone(`
    const [a, b] = [await node('a'), await node('b')]
    for (let i = 0; i < 5; i++) {
      const heard = new Promise((resolve) => b.transport.once('digest', resolve))
      a.transport.digest(b.ref, a.ref, [i])
      await heard
    }
    a.transport.digest({ transport: '127.0.0.1:1' }, a.ref, [])
    a.transport.on('error', () => {})
    await Promise.all([a.transport.close(), b.transport.close()])
    console.log(process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).join())`)
  assert.equal([status, output.trim()], [0, ''])
})

closing('a process ends by itself when a transport was closed while its host name was looked up', () => {
  const { status, output } = runAlone(`
    const transport = new TcpTransport({ host: 'localhost', port: 0 })
    const listening = transport.listen()
    await transport.close()
    await listening.catch((error) => console.log(error.code))`)
  assert.equal([status, output.trim()], [0, 'GOSSIP_ABORTED'])
})

closing('an idle connection in the pool does not keep a process alive that never listened', () => {
  const { status, output } = runAlone(`
    import { spawn } from 'node:child_process'
    const b = await node('b')
    const other = ${JSON.stringify(`
      const [module, port] = process.argv.slice(-2)
      const { TcpTransport } = await import(module)
      const transport = new TcpTransport({ port: 0 })
      transport.introduce({ protocolVersion: 1, clusterId: 't', id: 'a', generation: 1, features: [], valueBytesMax: 1 })
      const self = { id: 'a', transport: { host: '127.0.0.1', port: 1 } }
      const to = { id: 'b', transport: { host: '127.0.0.1', port: Number(port) } }
      transport.digest(to, self, [1])
      setTimeout(() => transport.digest(to, self, [2]), 200)
      setTimeout(() => {}, 400)`)}
    const child = spawn(process.execPath, ['--input-type=module', '-e', other, ${JSON.stringify(MODULE)}, String(b.ref.transport.port)])
    const startedMs = performance.now()
    child.on('exit', async (code) => {
      console.log(code, performance.now() - startedMs < 8000)
      await b.transport.close()
    })`)
  assert.equal([status, output.trim()], [0, '0 true'])
})

closing.run()
