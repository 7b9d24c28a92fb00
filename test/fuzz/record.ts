/**
 * Records what live nodes say: two nodes that join, write, delete and leave, a session with frames and a channel, and a
 * transfer in bulk, all through a relay that keeps every byte towards the listener. The rest stays as it was said, but
 * for ports, at which nobody is to be dialled later.
 */

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { UdpTransport, WebSocketTransport } from '../../src/transports/index.ts'
import { portOf, Relay, urlOf } from '../transports/udp/loopback.ts'
import { type Corpus, type Wire, writeCorpus } from './corpus.ts'

const HOST = '127.0.0.1'
/** The port of a service that nobody runs. */
const CLOSED_PORT = 9
/** Longer streams are cut: what makes them long repeats itself. */
const STREAM_BYTES_MAX = 12_000
const STREAMS_MAX = 40

/** Records every wire. */
export async function record(): Promise<void> {
  for (const wire of ['tcp', 'websocket'] as const) keep(wire, await recordStreams(wire))
  keep('udp', await recordPackets())
}

function keep(wire: Wire, corpus: Corpus): void {
  writeCorpus(wire, corpus)
  console.log(`${wire}: ${corpus.length} recorded`)
}

async function recordStreams(wire: 'tcp' | 'websocket'): Promise<Corpus> {
  const streams: Buffer[][] = []
  const targetPort = await freePort()
  const relay = createServer({ allowHalfOpen: true }, (socket) => {
    const stream: Buffer[] = []
    streams.push(stream)
    const target = connect({ port: targetPort, host: HOST, allowHalfOpen: true })
    for (const one of [socket, target]) one.on('error', () => {})
    socket.on('data', (chunk: Buffer) => stream.push(chunk))
    socket.pipe(target)
    target.pipe(socket)
    // What a listener answers is said by diallers too, on a connection that goes both ways.
    if (wire === 'tcp') {
      const answers: Buffer[] = []
      streams.push(answers)
      target.on('data', (chunk: Buffer) => answers.push(chunk))
    }
  }).listen(0, HOST)
  await once(relay, 'listening')
  const { port } = relay.address() as { port: number }
  if (wire === 'tcp') {
    const target = new TcpTransport({ host: HOST, port })
    await target.listen({ host: HOST, port: targetPort })
    await converse(target, new TcpTransport({ host: HOST, port: 0 }), { host: HOST, port })
  } else {
    const url = `ws://${HOST}:${port}/`
    await converse(
      new WebSocketTransport({ host: HOST, port: targetPort, url }),
      new WebSocketTransport({ host: HOST, port: 0 }),
      url,
    )
  }
  relay.close()
  const all = streams.map((parts) => Buffer.concat(parts)).filter(({ length }) => length > 0)
  if (wire === 'websocket') return all.slice(0, STREAMS_MAX).map((bytes) => bytes.subarray(0, STREAM_BYTES_MAX))
  const whole = all.map((bytes) => withoutPorts(bytes).subarray(0, STREAM_BYTES_MAX))
  return [...whole, ...all.flatMap(shortLines)].slice(0, STREAMS_MAX)
}

/** Lines by themselves, so that whatever follows a long one is met as well. */
function shortLines(bytes: Buffer): Buffer[] {
  const lines = withoutPorts(bytes).toString('latin1').split('\r\n')
  const whole = lines.slice(0, -1).filter((line) => line.startsWith('{') && line.length < STREAM_BYTES_MAX / 2)
  // A line of each length is enough: what differs in a number alone is the same to a fuzzer.
  const different = new Map(whole.map((line) => [`${line.slice(0, 8)}${Math.round(line.length / 20)}`, line]))
  return [...different.values()].map((line) => Buffer.from(`${line}\r\n`, 'latin1'))
}

async function recordPackets(): Promise<Corpus> {
  const target = new UdpTransport({ host: HOST, port: 0 })
  await target.listen()
  const relay = await new Relay(portOf(target.address)).open()
  await converse(target, new UdpTransport({ host: HOST, port: 0 }), urlOf(relay.port))
  await relay.close()
  return relay.there.slice(0, STREAMS_MAX)
}

/** All that nodes have to say to each other. */
async function converse(
  targetTransport: TcpTransport | WebSocketTransport | UdpTransport,
  speakerTransport: TcpTransport | WebSocketTransport | UdpTransport,
  seed: JsonValue,
): Promise<void> {
  const setup = {
    clusterId: 'fuzz',
    gossipIntervalMs: 50,
    deltaBytesMax: 4_096,
    valueBytesMax: 900,
    bulkBytesMin: 1_000,
  }
  const target = new Gossipmonger({ id: 'recorded a' }, { ...setup, transport: targetTransport })
  const speaker = new Gossipmonger({ id: 'recorded b' }, { ...setup, transport: speakerTransport, seeds: [seed] })
  speaker.on('error', (error) => console.log(`recording: ${error.message}`))
  await target.start()
  speaker.set('text', 'ä€😀')
  speaker.set('nested', { a: [1, { b: null }], __proto__x: true })
  speaker.set('leased', 1, { ttlMs: 60_000 })
  await speaker.start()
  target.set('theirs', [1, 2, 3])
  await pass()
  speaker.delete('text')
  for (let i = 0; i < 30; i++) speaker.set(`many ${i}`, 'x'.repeat(500))
  await pass()
  if (speakerTransport instanceof TcpTransport || speakerTransport instanceof WebSocketTransport) {
    const session = await speakerTransport.connect({ transport: seed })
    session.send(new Uint8Array([1, 2, 3]))
    await session.open({ what: 'a channel' }).catch(() => {})
    await session.close()
    speakerTransport.rpc({ transport: seed }, { ask: 'anything' })
  }
  await pass()
  await speaker.close({ leave: true })
  await target.close()
}

function pass(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 700))
}

/** Ports in lines of JSON are replaced, so that a node that believes a recorded address dials nobody. */
function withoutPorts(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(/"port":\d+/g, `"port":${CLOSED_PORT}`), 'latin1')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST)
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
