/**
 * How many digests a second go through the TCP transport, both ends on one thread, beside a bare socket with JSON lines
 * and beside the first generation with its connection per message? And over TLS? Expected: bound by JSON, so near the
 * bare socket; TLS costs what encrypting and decrypting costs.
 */

import type { EventEmitter } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { makeAuthority, makeNodeCertificate } from '../../src/agent/keygen/index.ts'
import type { JsonValue } from '../../src/core/index.ts'
import { type TcpOptions, TcpTransport } from '../../src/tcp/index.ts'
import { type BatchSubject, measureBatches } from '../harness/batches.ts'
import { OldTcpTransportClass } from '../harness/old-package.ts'
import type { BenchFile, Row } from '../harness/report.ts'

/** Messages on their way at once. */
const WINDOW = 16
const BATCHES = 15
/** How fast it can be is asked here, not how fast a peer may be. */
const UNPACED = { messagesPerSecondMax: 2 ** 30, bytesPerSecondMax: 2 ** 40 }
const LOCAL = { id: 'sender', transport: { host: '127.0.0.1', port: 1 } }

/** A way to send digests and to hear of their arrival. */
interface Lane {
  send(digest: JsonValue): void
  onArrival: () => void
  close(): Promise<unknown>
}

/** The bench. */
export const bench: BenchFile = {
  question: `digests through TCP, window ${WINDOW}, both ends on one thread`,
  run: async () => [...(await rowsFor('1 KB', 10, 2_000)), ...(await rowsFor('100 KB', 1_000, 100))],
}

async function rowsFor(size: string, entries: number, count: number): Promise<readonly Row[]> {
  const digests = Array.from({ length: WINDOW * 2 }, (_, page) => digestOf(entries, page))
  const bytes = JSON.stringify(digests[0]).length
  const amount = { count, unit: 'messages' }
  const old = `gossipmonger-tcp-transport, ${size}`
  const lanes: [string, Lane][] = [
    [old, await oldLane()],
    [`bare socket and JSON, ${size}`, await bareLane()],
    [`TcpTransport, ${size}`, await ourLane(() => ({}))],
    [`TcpTransport with TLS, ${size}`, await ourLane(tlsOptions())],
  ]
  const subjects = lanes.map(([name, lane]): BatchSubject => {
    const against = name === old ? {} : { against: old }
    return { name, amount, note: `${bytes} bytes each`, ...against, run: () => sendAll(lane, digests, count) }
  })
  const rows = await measureBatches(subjects, BATCHES)
  await Promise.all(lanes.map(([, lane]) => lane.close()))
  return rows.map((row) => ({ ...row, note: `${row.note ?? ''}, ${megabytesPerSecond(row, bytes)} MB/s` }))
}

function megabytesPerSecond(row: Row, bytes: number): number {
  return Number((((row.amount?.count ?? 0) * bytes) / row.medianMs / 1_000).toPrecision(3))
}

/** Different pages, since a newer message of the same page would replace one that still waits. */
function digestOf(entries: number, page: number): JsonValue {
  const own = { ...LOCAL, step: 1, claim: { from: `page-${page}`, to: null } }
  const transport = { host: '10.0.0.1', port: 9_742 }
  const others = Array.from({ length: entries }, (_, peer) => ({
    id: `peer-${peer}`,
    maxVersionSeen: peer,
    generation: 1,
    transport,
  }))
  return [own, ...others]
}

function sendAll(lane: Lane, digests: readonly JsonValue[], count: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0
    let arrived = 0
    const sendNext = (): void => {
      if (sent >= count) return
      lane.send(digests[sent % digests.length] ?? null)
      sent++
    }
    lane.onArrival = () => {
      arrived++
      if (arrived === count) resolve()
      else sendNext()
    }
    for (let i = 0; i < WINDOW; i++) sendNext()
  })
}

/** Certificates of one authority. */
function tlsOptions(): (id: string) => TcpOptions {
  const authority = makeAuthority({ name: 'bench', days: 1, kind: 'ed25519' })
  return (id) => {
    const { certificate, key } = makeNodeCertificate(authority, { name: id, days: 1, kind: 'ed25519' })
    return { tls: { ca: authority.certificate, cert: certificate, key } }
  }
}

async function ourLane(optionsOf: (id: string) => TcpOptions): Promise<Lane> {
  const hello = { protocolVersion: 1, clusterId: 'bench', generation: 1, features: [], valueBytesMax: 65_536 }
  const receiver = new TcpTransport({ ...optionsOf('receiver'), ...UNPACED, host: '127.0.0.1', port: 0 })
  const sender = new TcpTransport({ ...optionsOf('sender'), ...UNPACED, host: '127.0.0.1', port: 0 })
  receiver.introduce({ ...hello, id: 'receiver' })
  sender.introduce({ ...hello, id: 'sender' })
  await Promise.all([receiver.listen(), sender.listen()])
  const local = { id: 'sender', transport: sender.address ?? null }
  const remote = { id: 'receiver', transport: receiver.address ?? null }
  const lane: Lane = {
    send: (digest) => sender.digest(remote, local, digest),
    onArrival: () => {},
    close: () => Promise.all([sender.close(), receiver.close()]),
  }
  receiver.on('digest', () => lane.onArrival())
  await firstArrival(lane)
  return lane
}

async function oldLane(): Promise<Lane> {
  const port = await freePort()
  const receiver = new OldTcpTransportClass({ host: '127.0.0.1', port })
  const sender = new OldTcpTransportClass({ host: '127.0.0.1', port })
  await new Promise<void>((resolve) => receiver.listen(resolve))
  const remote = { id: 'receiver', transport: { host: '127.0.0.1', port } }
  const lane: Lane = {
    send: (digest) => sender.digest(remote, LOCAL, digest),
    onArrival: () => {},
    close: () => new Promise<void>((resolve) => receiver.close(resolve)),
  }
  const events: EventEmitter = receiver
  events.on('digest', () => lane.onArrival())
  return lane
}

/** The least that moves JSON lines: what is left to win for any transport. */
async function bareLane(): Promise<Lane> {
  const server = createServer((socket) => readLines(socket, (line) => onLine(JSON.parse(line))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1').setNoDelay()
  const lane: Lane = {
    send: (digest) => socket.write(`${JSON.stringify({ digest, sender: LOCAL })}\r\n`),
    onArrival: () => {},
    close: () => new Promise<void>((resolve) => socket.end(() => server.close(() => resolve()))),
  }
  const onLine = (message: unknown): void => {
    if (typeof message === 'object') lane.onArrival()
  }
  return lane
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}

function firstArrival(lane: Lane): Promise<void> {
  return new Promise((resolve) => {
    lane.onArrival = resolve
    lane.send([])
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
