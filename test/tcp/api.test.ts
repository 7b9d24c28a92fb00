import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, TransportError } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { Fixture, portOf, Recording, readAll } from './fixture.ts'

const api = suite('tcp: api')
const fixture = new Fixture()
api.after.each(() => fixture.closeAll())

const LOCAL = { id: 'L', transport: { host: '127.0.0.1', port: 9742 } }

api('S2.4 S2.12 listen() calls back, resolves and tells `listening` once the address is final', async () => {
  const transport = fixture.keep(new TcpTransport({ host: '127.0.0.1', port: 0 }))
  const order: string[] = []
  assert.is(transport.address, undefined)
  transport.on('listening', () => order.push(`event ${typeof transport.address}`))
  await transport.listen(() => order.push(`callback ${typeof transport.address}`))
  assert.equal(order, ['event object', 'callback object'])
})

api('S2.3 static listen() returns an instance that already starts to listen', async () => {
  const transport = fixture.keep(TcpTransport.listen({ host: '127.0.0.1', port: 0 }))
  assert.instance(transport, TcpTransport)
  const told = new Recording(transport)
  await told.heard('listening')
  assert.ok(portOf(transport.address) > 0)
})

api('S2.3 static listen() takes options and callback, either, or none', async () => {
  await new Promise<void>((resolve) => {
    fixture.keep(TcpTransport.listen({ host: '127.0.0.1', port: 0 }, resolve))
  })
  await new Promise<void>((resolve) => {
    const transport = fixture.keep(TcpTransport.listen(resolve))
    transport.on('error', () => resolve()) // Somebody else may have the standard port.
  })
  const transport = fixture.keep(TcpTransport.listen())
  transport.on('error', () => {})
})

api('a listen() that joins a pending one calls back too', async () => {
  const transport = fixture.keep(TcpTransport.listen({ host: '127.0.0.1', port: 0 }))
  await transport.listen()
  await new Promise<void>((resolve) => void transport.listen(resolve))
})

api('a second listen() with options is refused, and the first goes on', async () => {
  const transport = fixture.keep(new TcpTransport({ host: '127.0.0.1', port: 0 }))
  await transport.listen()
  const error = await transport.listen({ port: 0 }).catch((thrown: TransportError) => thrown)
  assert.is(error?.code, 'GOSSIP_ALREADY_LISTENING')
  assert.ok(transport.address !== undefined)
})

api('S2.2 advertises the constructor’s port if given and not 0, else the bound one', async () => {
  const cases: [object, object | undefined, (port: number) => boolean][] = [
    [{ host: '127.0.0.1', port: 0 }, undefined, (port) => port > 0],
    [{ host: '127.0.0.1', port: 5_000 }, { port: 0 }, (port) => port === 5_000],
    [{ host: '127.0.0.1' }, { port: 0 }, (port) => port > 0 && port !== 9_742],
    [{ host: '127.0.0.1', port: 0 }, { port: 0, host: '127.0.0.1' }, (port) => port > 0],
  ]
  for (const [outside, inside, isRight] of cases) {
    const transport = fixture.keep(new TcpTransport(outside))
    if (inside === undefined) await transport.listen()
    else await transport.listen(inside)
    assert.ok(isRight(portOf(transport.address)), JSON.stringify(transport.address))
  }
})

api('S2.1 S2.18 S3.2 advertises the constructor’s host whatever it binds', async () => {
  const transport = fixture.keep(new TcpTransport({ host: 'example.test', port: 7, plainText: true }))
  await transport.listen({ host: '127.0.0.1', port: 0 })
  assert.equal(transport.address, { host: 'example.test', port: 7 })
})

api('throws bad options at once, naming option, rule and value', () => {
  const cases: [object, RegExp][] = [
    [{ port: -1 }, /port must be an integer in \[0, 65535\], got -1/],
    [{ port: '9742' }, /port must be an integer/],
    [{ port: 65_536 }, /port/],
    [{ host: '' }, /host must be a host name or IP address, got ""/],
    [{ host: 'a b' }, /host/],
    [{ host: 5 }, /host/],
    [{ prot: 1 }, /prot must be one of host, port/],
    [{ frameBytesMax: 100 }, /frameBytesMax must be an integer in/],
    [{ idleTimeoutMs: 0 }, /idleTimeoutMs/],
    [{ connectionsMax: Number.NaN }, /connectionsMax/],
    [{ queueBytesMax: 1_000_000 }, /queueBytesMax must be at least frameBytesMax, 4194304, got 1000000/],
  ]
  for (const [options, text] of cases) {
    assert.throws(() => new TcpTransport(options), text)
    assert.throws(() => TcpTransport.listen(options), text)
  }
  const transport = fixture.keep(new TcpTransport({ port: 0 }))
  assert.throws(() => transport.listen({ port: 1.5 }), /port must be an integer/)
  assert.throws(() => transport.listen({ ports: 1 } as object), /ports/)
})

api(
  'S2.6 S2.7 S2.9 S2.10 S2.32 digest() and deltas() send only id and transport of the local peer, and deliver the rest unaltered',
  async () => {
    const node = await fixture.node('a')
    const sender = fixture.keep(new TcpTransport({ port: 0 }))
    const local = { ...LOCAL, data: { secret: 1 }, live: true }
    const payload = [['L', 'kéy', { deep: [1, 2.5, null, '\u2028'] }, 1]]
    sender.deltas({ transport: node.ref.transport }, local, payload)
    assert.equal(await node.told.heard('deltas'), [LOCAL, payload])
    sender.digest({ id: 'a', transport: node.ref.transport }, local, payload)
    assert.equal(await node.told.heard('digest'), [LOCAL, payload])
  },
)

api('keeps no reference to a payload', async () => {
  const node = await fixture.node('a')
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  const payload = [{ key: 'before' }]
  sender.digest(node.ref, LOCAL, payload)
  ;(payload[0] as { key: string }).key = 'after'
  assert.equal(await node.told.heard('digest'), [LOCAL, [{ key: 'before' }]])
})

api('S2.8 rpc() sends a string as it is and anything else as JSON, each on a connection of its own', async () => {
  const seen: string[] = []
  const port = await fixture.server(async (socket) => {
    seen.push((await readAll(socket)).toString())
    socket.end()
  })
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  const told = new Recording(sender)
  const to = { transport: { host: '127.0.0.1', port } }
  for (const payload of ['not {JSON', { a: [1] }, 7]) sender.rpc(to, payload)
  await told.until(() => seen.length === 3, 'three payloads')
  assert.equal(seen, ['not {JSON\r\n', '{"a":[1]}\r\n', '7\r\n'])
})

api('rpc() arrives as an event with the payload', async () => {
  const node = await fixture.node('a')
  const sender = await fixture.node('b')
  const payload = { ask: 'anything', sender: { ...sender.ref } }
  sender.transport.rpc(node.ref, payload)
  assert.equal(await node.told.heard('rpc'), [sender.ref, payload])
  sender.transport.rpc(node.ref, '"text"')
  assert.equal(await node.told.heard('rpc', 2), [undefined, 'text'])
})

api('takes seeds as text or object, without id, IPv6 in brackets', async () => {
  const node = await fixture.node('a')
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  for (const [i, transport] of [`127.0.0.1:${node.port}`, { host: '127.0.0.1', port: String(node.port) }].entries()) {
    sender.digest({ transport }, LOCAL, [i])
    await node.told.heard('digest', i + 1)
  }
  const six = await listenOnIpv6()
  if (six === undefined) return
  sender.digest({ transport: `[::1]:${portOf(six.address)}` }, LOCAL, [6])
  const [, digest] = await new Recording(six).heard('digest')
  assert.equal(digest, [6])
})

/** Not every machine has IPv6. */
async function listenOnIpv6(): Promise<TcpTransport | undefined> {
  const transport = fixture.keep(new TcpTransport({ host: '::1', port: 0 }))
  transport.on('error', () => {})
  try {
    await transport.listen()
    return transport
  } catch {
    console.log('no IPv6 here')
    return undefined
  }
}

api('S2.11 an address that is none is an error event that names the peer, and throws nothing', () => {
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  const told = new Recording(sender)
  const bad: unknown[] = [
    null,
    undefined,
    {},
    { transport: null },
    { transport: 'localhost' },
    { transport: 'localhost:' },
    { transport: ':9742' },
    { transport: '::1:9742' },
    { transport: 'h:0' },
    { transport: 'h:65536' },
    { transport: 'h:1e3' },
    { transport: { host: 'h' } },
    { transport: { port: 1 } },
    { transport: { host: 'h', port: 1.5 } },
    { transport: { host: 'h', port: '' } },
    { transport: { host: 'h\0', port: 1 } },
    { transport: { host: ['h'], port: 1 } },
    { transport: ['h', 1] },
  ]
  for (const remote of bad) sender.digest(remote as never, LOCAL, [])
  assert.is(told.errors.length, bad.length)
  for (const [i, error] of told.errors.entries()) {
    assert.is(error.code, 'GOSSIP_ADDRESS_MALFORMED')
    assert.is(error.peer, bad[i])
    assert.is(error.direction, 'outbound')
  }
})

api('S2.11 a peer that cannot be reached is an error event with code, peer, direction and cause', async () => {
  const port = await fixture.server(() => {})
  await fixture.closeAll()
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  const told = new Recording(sender)
  sender.digest({ id: 'gone', transport: { host: '127.0.0.1', port } }, LOCAL, [])
  const error = await told.error('GOSSIP_CONNECT_FAILED')
  assert.equal(error.peer, { id: 'gone', transport: { host: '127.0.0.1', port } })
  assert.is(error.direction, 'outbound')
  assert.is((error.cause as { code: string }).code, 'ECONNREFUSED')
})

api('an address in use rejects listen() and is told where somebody listens', async () => {
  const first = await fixture.node('a')
  const second = fixture.keep(new TcpTransport({ host: '127.0.0.1', port: first.port }))
  const told = new Recording(second)
  let calledBack = false
  const thrown = await second.listen(() => (calledBack = true)).catch((error: TransportError) => error)
  assert.is((thrown as TransportError).code, 'GOSSIP_ADDRESS_IN_USE')
  assert.is(told.errors[0], thrown)
  assert.not(calledBack)
  assert.is(second.address, undefined)
})

api('S2.11 an error nobody listens to is thrown from the event loop, and the transport goes on', async () => {
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  const thrown = once(process, 'uncaughtException')
  sender.digest({ transport: 'nonsense' }, LOCAL, [])
  const [error] = (await thrown) as [TransportError]
  assert.is(error.code, 'GOSSIP_ADDRESS_MALFORMED')
  const node = await fixture.node('a')
  sender.digest(node.ref, LOCAL, [1])
  await node.told.heard('digest')
})

api('a failing listen() that nobody watches ends the process, and one that is watched does not', () => {
  const script = (watch: string): string => `
    import { TcpTransport } from ${JSON.stringify(new URL('../../src/tcp/index.js', import.meta.url).href)}
    const first = new TcpTransport({ host: '127.0.0.1', port: 0 })
    await first.listen()
    const second = TcpTransport.listen({ host: '127.0.0.1', port: first.address.port }, () => {})
    ${watch}
    setTimeout(() => first.close(), 100)`
  const run = (watch: string): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script(watch)], {
      encoding: 'utf8',
      timeout: 20_000,
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
  assert.match(String(run('').stderr), /GOSSIP_ADDRESS_IN_USE/)
  const watched = run("second.on('error', (error) => console.log(error.code))")
  assert.is(String(watched.stdout).trim(), 'GOSSIP_ADDRESS_IN_USE')
  assert.is(watched.status, 0)
})

api('a listener that throws is told as an error, and the other listeners still run', async () => {
  const node = await fixture.node('a')
  let calls = 0
  node.transport.once('digest', () => {
    throw new Error('mine')
  })
  node.transport.on('digest', () => calls++)
  const sender = fixture.keep(new TcpTransport({ port: 0 }))
  for (const times of [1, 2]) {
    sender.digest(node.ref, LOCAL, [])
    await node.told.heard('digest', times)
  }
  const error = await node.told.error('GOSSIP_LISTENER_THREW')
  assert.is((error.cause as Error).message, 'mine')
  assert.is(calls, 2)
  assert.is(node.told.errors.length, 1)
})

api('refuses a message one byte over maxMessageBytes with an error, and sends one of exactly that size', async () => {
  const node = await fixture.node('a', { frameBytesMax: 100_000 })
  const sender = await fixture.node('b', { frameBytesMax: 100_000 })
  const fits: JsonValue = 'x'.repeat(sender.transport.maxMessageBytes - 2)
  sender.transport.digest(node.ref, sender.ref, fits)
  assert.equal((await node.told.heard('digest'))[1], fits)
  sender.transport.digest(node.ref, sender.ref, `${fits}x`)
  const error = await sender.told.error('GOSSIP_FRAME_TOO_LARGE')
  assert.is(error.direction, 'outbound')
  assert.equal(error.peer, node.ref)
})

api('S2.5 close() before listen(), while opening, and twice calls back every time', async () => {
  const never = new TcpTransport({ port: 0 })
  await new Promise<void>((resolve) => void never.close(resolve))
  await new Promise<void>((resolve) => void never.close(resolve))

  const opening = TcpTransport.listen({ host: '127.0.0.1', port: 0 })
  await opening.close()

  const node = await fixture.node('a')
  await Promise.all([node.transport.close(), new Promise<void>((resolve) => void node.transport.close(resolve))])
  const error = await node.transport.listen().catch((thrown: { code: string }) => thrown)
  assert.is((error as { code: string }).code, 'GOSSIP_NODE_CLOSED')
})

api('nothing is sent or told after close()', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  const socket = await fixture.socket(a.port)
  await a.transport.close()
  a.transport.digest(b.ref, a.ref, [1])
  a.transport.rpc(b.ref, {})
  a.transport.digest({ transport: 'nonsense' }, a.ref, [])
  assert.is((await readAll(socket)).length, 0)
  assert.equal(a.told.of('error'), [])
  assert.equal(a.transport.stats, {
    inboundConnections: 0,
    outboundConnections: 0,
    peers: 0,
    queuedMessages: 0,
    outboundBytes: 0,
    inboundBytes: 0,
    pausedConnections: 0,
    offenders: 0,
    unprovenPeers: 0,
  })
})

api.run()
