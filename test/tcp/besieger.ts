/**
 * Fifty clients that mean no good, from a process of their own: `node besieger.js PORT`. Each kind goes on until the
 * process is ended, dialling again whenever it is thrown out. Once a second the process says what it has done.
 */

import { connect, type Socket } from 'node:net'

const [port] = process.argv.slice(2).map(Number) as [number]

/** Every kind has an address of its own, but for the first, which shares this machine's with the good nodes. */
const KINDS: readonly ((socket: Socket) => void)[] = [
  slowWriter,
  silent,
  flood,
  rubbish,
  nearlyTooLong,
  neverReads,
  halfOpen,
]
const CLIENTS = 50
/** A little under the frames that the nodes take. */
const LINE_BYTES = 1_000_000
const SENDER = { id: 'besieger', transport: { host: '127.0.0.1', port: 9 } }
const HELLO = {
  protocolVersion: 1,
  clusterId: 'besieged',
  id: 'besieger',
  generation: 1,
  features: [],
  valueBytesMax: 65_536,
}
const OWN = {
  id: 'besieger',
  maxVersionSeen: 1,
  generation: 7,
  heartbeat: 1,
  gcVersion: 1,
  transport: SENDER.transport,
}
const DIGEST = `${JSON.stringify({ digest: [{ ...OWN, clusterId: 'besieged', step: 1, claim: { from: null, to: null } }], sender: SENDER, hello: HELLO })}\r\n`

let dials = 0

function dial(index: number): void {
  dials++
  const localAddress = index % 5 === 0 ? '127.0.0.1' : `127.0.0.${100 + (index % 5)}`
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
  const timers: NodeJS.Timeout[] = []
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  socket.on('close', () => {
    for (const timer of timers) clearInterval(timer)
    setTimeout(() => dial(index), 20)
  })
  socket.once('connect', () => {
    const act = KINDS[index % KINDS.length]
    if (act !== neverReads) socket.resume()
    act?.(socket)
    timers.push(setInterval(() => act !== silent && act !== halfOpen && goOn(socket, act), 10))
  })
}

function goOn(socket: Socket, act: ((socket: Socket) => void) | undefined): void {
  if (!socket.destroyed && !socket.writableEnded && !socket.writableNeedDrain) act?.(socket)
}

function slowWriter(socket: Socket): void {
  socket.write(socket.bytesWritten === 0 ? '{"digest":["' : 'x')
}

function silent(): void {}

function flood(socket: Socket): void {
  socket.write(DIGEST.repeat(200))
}

function rubbish(socket: Socket): void {
  socket.write('\0\xff{]rubbish\n'.repeat(50))
}

function nearlyTooLong(socket: Socket): void {
  socket.write(`{"digest":[${'{"a":[[[]]]},'.repeat(LINE_BYTES / 13)}1],"sender":${JSON.stringify(SENDER)}}\n`)
}

/** Asks for everything again and again, and takes none of it. */
function neverReads(socket: Socket): void {
  socket.write(DIGEST)
}

function halfOpen(socket: Socket): void {
  socket.end('{"digest":')
}

for (let i = 0; i < CLIENTS; i++) dial(i)
setInterval(() => process.send?.({ dials }), 200)
process.on('disconnect', () => process.exit(0))
