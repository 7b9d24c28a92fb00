import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Hello, type PeerRef, type Session, TransportError } from '../../../src/core/index.ts'
import {
  type Pipe,
  resolveSessionOptions,
  SessionHub,
  type SessionOptions,
} from '../../../src/transports/session/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { type CutPipe, cutPipes } from './cut-pipe.ts'
import { codeOf, helloOf } from './session-pair.ts'

const hub = suite('session hub')

/** One node: a hub that reaches others by their id. */
class Node {
  readonly hub: SessionHub
  readonly sessions: Session[] = []
  readonly errors: { code?: string; direction?: string }[] = []
  readonly pipes: CutPipe[] = []
  hello: Hello | undefined
  /** Says when a dial reaches the other side. */
  delay: () => Promise<unknown> = async () => {}
  /** Whom pipes to this node have proven to be. */
  provenId: string | undefined
  readonly world: Map<string, Node>
  readonly system: VirtualSystem

  constructor(id: string, world: World, options: SessionOptions = {}, facts: Partial<Hello> = {}) {
    this.world = world.nodes
    this.system = world.system
    this.hello = helloOf(id, facts)
    world.nodes.set(id, this)
    this.hub = new SessionHub(
      resolveSessionOptions(options),
      {
        introduction: () =>
          this.hello && { hello: this.hello, sender: { id: this.hello.id, transport: this.hello.id } },
        dial: (remote) => this.dial(remote),
        addressKey: (address) => (typeof address === 'string' ? address : undefined),
        onSession: (session) => this.sessions.push(session),
        tellError: (error) => this.errors.push(error as { code?: string }),
      },
      world.system,
    )
  }

  /** Lets a little time pass while it connects: a dialled session is read a turn after it is there. */
  async connect(remote: PeerRef, options?: { signal?: AbortSignal }): Promise<Session> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    const connecting = this.hub.connect(remote, options)
    connecting.then(done, done)
    for (let turn = 0; turn < 20 && !isDone; turn++) await settle()
    return connecting
  }

  async dial(remote: PeerRef): Promise<Pipe> {
    await this.delay()
    const other = this.world.get(String(remote.transport))
    if (other === undefined) throw new TransportError('GOSSIP_CONNECT_FAILED', 'nobody', { direction: 'outbound' })
    const [ours, theirs] = cutPipes()
    this.pipes.push(ours)
    other.hub.accept(other.proving(theirs))
    return this.proving(ours)
  }

  proving(pipe: CutPipe): Pipe {
    const { provenId } = this
    if (provenId === undefined) return pipe
    return Object.assign(pipe, {
      authenticate: ({ id }: { id: string }) => {
        if (id === provenId) return true
        throw new TransportError('GOSSIP_PEER_UNEXPECTED', 'the certificate says otherwise', { direction: 'inbound' })
      },
    })
  }
}

interface World {
  readonly nodes: Map<string, Node>
  readonly system: VirtualSystem
}

let world: World = { nodes: new Map(), system: new VirtualSystem() }

hub.before.each(() => {
  world = { nodes: new Map(), system: new VirtualSystem() }
})

hub.after.each(async () => {
  const closing = Promise.all([...world.nodes.values()].map((node) => node.hub.close()))
  await world.system.run(100_000)
  await closing
  assert.is(world.system.pending, 0, 'no timer is left')
})

hub('connecting twice, at once and later, gives one session', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  const [first, second] = await Promise.all([a.connect(to('b')), a.connect(to('b'))])
  assert.is(first, second)
  assert.is(await a.connect(to('b')), first)
  assert.is(await a.connect({ transport: 'b' }), first)
  assert.is(await b.connect(to('a')), b.sessions[0])
  assert.equal([a.hub.size, b.hub.size, a.pipes.length, b.pipes.length], [1, 1, 1, 0])
})

hub('a seed whose id nobody knew is found to be the peer there is a session with', async () => {
  const [a] = [new Node('a', world), new Node('b', world)]
  const known = await a.connect(to('b'))
  world.nodes.set('other-name-of-b', world.nodes.get('b') as Node)
  assert.is(await a.connect({ transport: 'other-name-of-b' }), known)
  assert.equal([a.hub.size, known.isClosed], [1, false])
})

for (const [name, remotes] of [
  ['by id', [to('b'), to('a')]],
  ['by address alone', [{ transport: 'b' }, { transport: 'a' }]],
  ['by addresses that nobody calls his own', [{ transport: 'alias-b' }, { transport: 'alias-a' }]],
] as const) {
  hub(`of two dialled at once ${name} the lower id's stays, and both sides have it`, async () => {
    const [a, b] = [new Node('a', world), new Node('b', world)]
    world.nodes.set('alias-a', a).set('alias-b', b)
    const [atA, atB] = await Promise.all([a.connect(remotes[0]), b.connect(remotes[1])])
    await settle()
    assert.equal([atA.direction, atB.direction], ['outbound', 'inbound'])
    assert.equal([atA.isClosed, atB.isClosed, a.hub.size, b.hub.size], [false, false, 1, 1])
    assert.is(await a.connect(to('b')), atA)
    assert.is(await b.connect(to('a')), atB)
    assert.equal([a.errors, b.errors], [[], []])
    world.nodes.delete('alias-a')
    world.nodes.delete('alias-b')
  })
}

hub('the dial of the higher id is taken where the lower one cannot get through', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  let fail = (): void => {}
  a.delay = () =>
    new Promise((_, reject) => (fail = () => reject(new TransportError('ACME_WALL', '', { direction: 'outbound' }))))
  const ours = codeOf(a.connect(to('b')))
  const theirs = b.connect(to('a'))
  await settle()
  assert.is(a.hub.size + b.hub.size, 0, 'it waits for the lower one')
  fail()
  assert.is(await ours, 'ACME_WALL')
  assert.is((await theirs).direction, 'outbound')
  assert.is(await a.connect(to('b')), a.sessions[0])
})

hub('a new life of a peer replaces the session of the old one', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  const old = await b.connect(to('a'))
  const oldAtA = a.sessions[0] as Session
  let code: string | undefined
  oldAtA.on('close', (error) => (code = error?.code))
  const reborn = new Node('b', world, {}, { generation: 2 })
  await reborn.connect(to('a'))
  assert.equal([oldAtA.isClosed, code], [true, 'GOSSIP_SESSION_REPLACED'])
  await settle()
  assert.is(old.isClosed, true)
  assert.is(await a.connect(to('b')), a.sessions[1])
  assert.is(await codeOf(b.connect(to('a'))), 'GOSSIP_SESSION_REPLACED')
  await b.hub.close()
})

hub('a session that one side has lost unseen gives way to the next one', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  await b.connect(to('a'))
  await settle()
  const [pipe] = b.pipes as [CutPipe]
  // The peer is cut off without a word: nothing arrives at either side any more.
  pipe.isPaused = true
  if (pipe.other !== undefined) pipe.other.isPaused = true
  const lost = new Node('b', world)
  const connecting = lost.connect(to('a'))
  await settle()
  assert.is(lost.hub.size, 0, 'the old one is asked first')
  await world.system.run(2_500)
  await connecting
  assert.equal([a.sessions.length, a.sessions[0]?.isClosed, a.hub.size], [2, true, 1])
  pipe.destroy()
  await settle()
  await b.hub.close()
})

hub('who is not who was expected is refused', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  assert.is(await codeOf(a.connect({ id: 'c', transport: 'b' })), 'GOSSIP_PEER_UNEXPECTED')
  await settle()
  assert.equal([a.hub.size, b.hub.size, b.sessions.length], [0, 0, 0])
})

hub('a foreign cluster and a foreign protocol are refused, and both sides are told', async () => {
  const a = new Node('a', world)
  const b = new Node('b', world, {}, { clusterId: 'two' })
  const c = new Node('c', world, {}, { protocolVersion: 9 })
  assert.is(await codeOf(a.connect(to('b'))), 'GOSSIP_CLUSTER_FOREIGN')
  assert.is(await codeOf(a.connect(to('c'))), 'GOSSIP_PROTOCOL_UNSUPPORTED')
  assert.equal([b.errors[0]?.code, c.errors[0]?.code], ['GOSSIP_CLUSTER_FOREIGN', 'GOSSIP_PROTOCOL_UNSUPPORTED'])
  assert.equal([b.sessions, c.sessions], [[], []])
})

hub('what a certificate proves stands above what a peer says', async () => {
  const [a, b, c] = [new Node('a', world), new Node('b', world), new Node('c', world)]
  b.provenId = 'a'
  const session = await a.connect(to('b'))
  assert.equal([session.authenticated, b.sessions[0]?.authenticated], [false, true])
  assert.is(await codeOf(c.connect(to('b'))), 'GOSSIP_PEER_UNEXPECTED')
  assert.is(b.errors[0]?.code, 'GOSSIP_PEER_UNEXPECTED')
})

hub('one who waits may give up, and the others go on', async () => {
  const [a] = [new Node('a', world), new Node('b', world)]
  let reach = (): void => {}
  a.delay = () => new Promise<void>((resolve) => (reach = resolve))
  const controller = new AbortController()
  const impatient = codeOf(a.connect(to('b'), { signal: controller.signal }))
  const patient = a.connect(to('b'))
  await settle()
  controller.abort()
  assert.is(await impatient, 'GOSSIP_ABORTED')
  reach()
  assert.is((await patient).isClosed, false)
  assert.is(await codeOf(a.connect(to('b'), { signal: AbortSignal.abort() })), 'GOSSIP_ABORTED')
})

hub('when all who wait have given up, so is the dial, and the next one begins anew', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  let reach = (): void => {}
  a.delay = () => new Promise<void>((resolve) => (reach = resolve))
  const controller = new AbortController()
  const impatient = codeOf(a.connect(to('b'), { signal: controller.signal }))
  await settle()
  controller.abort()
  assert.is(await impatient, 'GOSSIP_ABORTED')
  a.delay = async () => {}
  const next = await a.connect(to('b'))
  reach()
  await settle()
  assert.is(a.pipes[1]?.isClosed, true, 'the late pipe is destroyed')
  assert.equal([next.isClosed, b.sessions.length], [false, 1])
})

hub('S3.9 a peer that does not answer is given up in time', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  a.delay = () => new Promise(() => {})
  const connecting = codeOf(a.connect(to('b')))
  await world.system.run(10_001)
  assert.is(await connecting, 'GOSSIP_CONNECT_FAILED')
  a.delay = async () => {}
  b.hub.accept = (pipe) => pipe.resume()
  const greeting = codeOf(a.connect(to('b')))
  await world.system.run(10_001)
  assert.is(await greeting, 'GOSSIP_HANDSHAKE_TIMEOUT')
})

hub('connections that say nothing are bounded in number and time', async () => {
  const b = new Node('b', world, { handshakesMax: 3 })
  const dialled = Array.from({ length: 5 }, () => cutPipes())
  for (const [, theirs] of dialled) b.hub.accept(theirs)
  await settle()
  assert.equal(
    dialled.map(([ours]) => ours.isClosed),
    [true, true, false, false, false],
  )
  assert.equal(
    b.errors.map(({ code }) => code),
    ['GOSSIP_SESSION_LIMIT'],
  )
  await world.system.run(10_001)
  assert.equal(
    dialled.map(([ours]) => ours.isClosed),
    [true, true, true, true, true],
  )
  assert.is(b.errors.at(-1)?.code, 'GOSSIP_HANDSHAKE_TIMEOUT')
})

hub('S3.33 sessions are bounded', async () => {
  const a = new Node('a', world)
  const b = new Node('b', world, { sessionsMax: 1 })
  const c = new Node('c', world)
  await c.connect(to('b'))
  assert.is(await codeOf(a.connect(to('b'))), 'GOSSIP_SESSION_LIMIT')
  assert.is(await codeOf(b.connect(to('a'))), 'GOSSIP_SESSION_LIMIT')
})

hub('garbage in place of a hello costs its sender the connection', async () => {
  const b = new Node('b', world)
  const junk = [
    '\r\n',
    'null\r\n',
    '{"session":1}\r\n',
    '{"session":2,"sender":{"id":"x","transport":1}}\r\n',
    'x'.repeat(20_000),
    '\xff\n',
  ]
  for (const text of junk) {
    const [ours, theirs] = cutPipes()
    b.hub.accept(theirs)
    ours.write([new TextEncoder().encode(text)])
    await settle()
    assert.is(ours.isClosed, true, text.slice(0, 50))
    assert.is(b.errors.pop()?.code, 'GOSSIP_SESSION_MALFORMED', text.slice(0, 50))
  }
})

hub('a node may have a session with itself', async () => {
  const a = new Node('a', world)
  const ours = await a.connect({ transport: 'a' })
  const theirs = a.sessions[0] as Session
  const heard: number[] = []
  theirs.on('frame', (frame) => heard.push(...frame))
  ours.send(Uint8Array.of(7))
  await settle()
  assert.equal(heard, [7])
  assert.is(await a.connect(to('a')), ours)
})

hub('one that was not introduced neither dials nor answers', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  a.hello = undefined
  assert.is(await codeOf(a.connect(to('b'))), 'GOSSIP_NODE_NOT_STARTED')
  assert.is(await codeOf(b.connect(to('a'))), 'GOSSIP_CONNECTION_LOST')
  assert.is(await codeOf(b.connect({ transport: 7 })), 'GOSSIP_ADDRESS_MALFORMED')
})

hub('closing ends sessions and dials with a code', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  const session = await a.connect(to('b'))
  const pending = codeOf(session.open('x'))
  a.delay = () => new Promise(() => {})
  const dialling = codeOf(a.connect({ id: 'z', transport: 'z' }))
  await settle()
  await a.hub.close()
  assert.is(await dialling, 'GOSSIP_NODE_CLOSED')
  assert.ok(['GOSSIP_SESSION_CLOSED', 'GOSSIP_CHANNEL_REFUSED'].includes(String(await pending)))
  assert.is(await codeOf(a.connect(to('b'))), 'GOSSIP_NODE_CLOSED')
  await settle()
  assert.equal([a.hub.size, b.hub.size, session.isClosed], [0, 0, true])
  assert.is(await codeOf(b.connect(to('a'))), 'GOSSIP_CONNECTION_LOST')
})

hub('S3.28 listeners that are added once connect has resolved miss nothing', async () => {
  const [a, b] = [new Node('a', world), new Node('b', world)]
  const heard: string[] = []
  const b1 = b.hub
  // The inbound side speaks within its event, so its words come with the answer to the hello.
  b.sessions.push = (session: Session) => {
    session.send(Uint8Array.of(1))
    void codeOf(session.open('now'))
    return 1
  }
  const session = await a.hub.connect(to('b'))
  await Promise.resolve().then(() => Promise.resolve())
  session.on('frame', () => heard.push('frame'))
  session.on('channel', (offer) => heard.push(String(offer.header)))
  await settle()
  assert.equal(heard.sort(), ['frame', 'now'])
  await b1.close()
})

hub.run()

function to(id: string): PeerRef {
  return { id, transport: id }
}

/** A hundredth of a millisecond, with everything that falls due in it. */
async function settle(): Promise<void> {
  await world.system.run(0.01)
}
