/**
 * How fast is one stream through a session over TCP, and one of eight at once, both ends on one thread, beside a bare socket
 * with back-pressure? Expected: at least 0.6 of the bare socket, since bytes are copied nowhere; frames cost a copy.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Channel, ChannelOffer, Session } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { type BatchSubject, measureBatches } from '../harness/batches.ts'
import type { BenchFile } from '../harness/report.ts'

const BATCHES = 11
const MEGABYTES = 128
const PIECE = new Uint8Array(65_536).fill(7)
const PIECES = (MEGABYTES * 2 ** 20) / PIECE.length
const CHANNELS = 8
const FRAME = new Uint8Array(16_384).fill(7)
const BARE = 'bare socket'

/** The bench. */
export const bench: BenchFile = {
  question: `${MEGABYTES} MiB in pieces of 64 KiB over one connection, both ends on one thread`,
  run: async () => {
    const amount = { count: MEGABYTES, unit: 'MiB' }
    const [bare, streams] = [await bareLane(), await sessionLane()]
    const against = BARE
    const subjects: BatchSubject[] = [
      { name: BARE, amount, run: () => bare.run() },
      { name: 'one stream of a session', amount, against, run: () => streams.run(1) },
      { name: `${CHANNELS} streams of a session`, amount, against, run: () => streams.run(CHANNELS) },
      { name: 'frames of 16 KiB of a session', amount, against, run: () => streams.runFrames() },
    ]
    const rows = await measureBatches(subjects, BATCHES)
    await Promise.all([bare.close(), streams.close()])
    return rows
  },
}

async function bareLane(): Promise<{ run(): Promise<void>; close(): Promise<unknown> }> {
  const server = createServer({ noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true })
  const [inbound] = (await once(server, 'connection')) as [Socket]
  return {
    run: async () => {
      const arrived = arrival(inbound)
      for (let i = 0; i < PIECES; i++) if (!socket.write(PIECE)) await once(socket, 'drain')
      await arrived
    },
    close: () => new Promise<void>((resolve) => socket.destroy().once('close', () => server.close(() => resolve()))),
  }
}

function arrival(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let left = PIECES * PIECE.length
    const onData = (chunk: Uint8Array): void => {
      left -= chunk.length
      if (left > 0) return
      socket.off('data', onData)
      resolve()
    }
    socket.on('data', onData)
  })
}

interface SessionLane {
  run(channels: number): Promise<void>
  runFrames(): Promise<void>
  close(): Promise<unknown>
}

async function sessionLane(): Promise<SessionLane> {
  const hello = { protocolVersion: 1, clusterId: 'bench', generation: 1, features: [], valueBytesMax: 65_536 }
  const [sender, receiver] = [
    new TcpTransport({ host: '127.0.0.1', port: 0 }),
    new TcpTransport({ host: '127.0.0.1', port: 0 }),
  ]
  sender.introduce({ ...hello, id: 'sender' })
  receiver.introduce({ ...hello, id: 'receiver' })
  await receiver.listen()
  const inbound = new Promise<Session>((resolve) => receiver.on('session', resolve))
  const ours = await sender.connect({ transport: receiver.address ?? null })
  const theirs = await inbound
  return {
    run: async (channels) => {
      const reading: Promise<void>[] = []
      const take = (offer: ChannelOffer): void => void reading.push(drain(offer.accept()))
      theirs.on('channel', take)
      const writing = Array.from({ length: channels }, async () => fill(await ours.open('bench'), PIECES / channels))
      await Promise.all(writing)
      await Promise.all(reading)
      theirs.off('channel', take)
    },
    runFrames: () => sendFrames(ours, theirs),
    close: () => Promise.all([sender.close(), receiver.close()]),
  }
}

async function fill({ writable }: Channel, pieces: number): Promise<void> {
  const writer = writable.getWriter()
  for (let i = 0; i < pieces; i++) await writer.write(PIECE)
  await writer.close()
}

async function drain({ readable, writable }: Channel): Promise<void> {
  const reader = readable.getReader()
  while (!(await reader.read()).done);
  await writable.close()
}

async function sendFrames(from: Session, to: Session): Promise<void> {
  let left = PIECES * PIECE.length
  const arrived = new Promise<void>((resolve) => {
    const onFrame = (frame: Uint8Array): void => {
      left -= frame.length
      if (left > 0) return
      to.off('frame', onFrame)
      resolve()
    }
    to.on('frame', onFrame)
  })
  for (let sent = 0; sent < PIECES * PIECE.length; sent += FRAME.length) {
    if (!from.send(FRAME)) await drained(from)
  }
  await arrived
}

function drained(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const onDrain = (): void => {
      session.off('drain', onDrain)
      resolve()
    }
    session.on('drain', onDrain)
  })
}
