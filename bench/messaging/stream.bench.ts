/**
 * How fast the bytes of a stream move over TCP, beside a bare socket, both ends on one thread. Expected: near the bare
 * socket, since a stream adds 8 bytes a frame and credit; what a stream holds is bounded by its window.
 */

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { Gossipmonger } from '../../src/core/index.ts'
import { Messenger } from '../../src/messaging/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { type BatchSubject, measureBatches } from '../harness/batches.ts'
import type { BenchFile } from '../harness/report.ts'

const MEGABYTES = 64
const CHUNK = new Uint8Array(65_536).fill(7)
const BATCHES = 9

/** A way for bytes. */
interface Lane {
  readonly near: Duplex
  /** Counts what arrives; called with each piece. */
  onBytes: (bytes: number) => void
  close(): Promise<unknown>
}

/** The bench. */
export const bench: BenchFile = {
  question: `${MEGABYTES} MB of a stream through TCP, both ends on one thread`,
  run: async () => {
    const amount = { count: MEGABYTES, unit: 'MB' }
    const bare = 'bare socket'
    const lanes = [await bareLane(), await streamLane()] as const
    const subjects: BatchSubject[] = [
      { name: bare, amount, run: () => sendAll(lanes[0]) },
      { name: 'stream', amount, against: bare, run: () => sendAll(lanes[1]) },
    ]
    const rows = await measureBatches(subjects, BATCHES)
    const heldBytes = await heldBy(lanes[1])
    for (const lane of lanes) await lane.close()
    const note = `${Math.ceil(heldBytes / 1_024)} KiB taken before a stopped reader stops the writer`
    return rows.map((row) => (row.name === bare ? row : { ...row, note }))
  },
}

async function sendAll(lane: Lane): Promise<void> {
  const bytes = MEGABYTES * 1_048_576
  let arrived = 0
  const all = new Promise<void>((resolve) => {
    lane.onBytes = (count) => {
      arrived += count
      if (arrived === bytes) resolve()
    }
  })
  for (let sent = 0; sent < bytes; sent += CHUNK.length) {
    if (!lane.near.write(CHUNK)) await once(lane.near, 'drain')
  }
  await all
}

/** Bytes that can be written while the other side does not read. */
async function heldBy(lane: Lane & { far?: Duplex }): Promise<number> {
  lane.far?.pause()
  let held = 0
  for (let turn = 0; turn < 200; turn++) {
    while (!lane.near.writableNeedDrain) {
      lane.near.write(CHUNK)
      held += CHUNK.length
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return held
}

async function streamLane(): Promise<Lane & { far: Duplex }> {
  const local = (): TcpTransport => new TcpTransport({ host: '127.0.0.1', port: 0 })
  const ada = new Gossipmonger({ id: 'ada' }, { transport: local() })
  const fromAda = new Messenger(ada)
  await ada.start()
  const bob = new Gossipmonger({ id: 'bob' }, { transport: local(), seeds: [ada.address ?? ''] })
  const atBob = new Messenger(bob)
  const taken = new Promise<Duplex>((resolve) => void atBob.onStream('bytes', resolve))
  const met = new Promise<void>((resolve) => void ada.once('peer live', () => resolve()))
  await bob.start()
  await met
  const near = await fromAda.stream('bob', 'bytes')
  const far = await taken
  const close = async (): Promise<void> => {
    near.on('error', () => {}).destroy()
    await Promise.all([fromAda.close(), atBob.close()])
    await Promise.all([ada.close(), bob.close()])
  }
  const lane: Lane & { far: Duplex } = { near, far, onBytes: () => {}, close }
  far.on('error', () => {}).on('data', (bytes: Buffer) => lane.onBytes(bytes.length))
  return lane
}

async function bareLane(): Promise<Lane> {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => lane.onBytes(bytes.length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const near = connect((server.address() as { port: number }).port, '127.0.0.1').setNoDelay()
  const lane: Lane = {
    near,
    onBytes: () => {},
    close: () => new Promise<void>((resolve) => near.end(() => server.close(() => resolve()))),
  }
  return lane
}
