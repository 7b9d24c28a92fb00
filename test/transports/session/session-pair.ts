/** Two sessions joined by a pipe, without hellos, and ways to read and write channels. */

import { type ChannelOffer, type Hello, type JsonValue, runtimeSystem, type System } from '../../../src/core/index.ts'
import type { MuxChannel } from '../../../src/transports/session/channel.ts'
import { resolveSessionOptions, type SessionOptions } from '../../../src/transports/session/index.ts'
import { MuxSession } from '../../../src/transports/session/session.ts'
import { type CutPipe, cutPipes } from './cut-pipe.ts'

/** One end, its pipe, and what was told. */
export interface SessionEnd {
  readonly session: MuxSession
  readonly pipe: CutPipe
  readonly errors: unknown[]
  /** Codes of `close`, `undefined` where it was on purpose. */
  readonly closes: (string | undefined)[]
}

/** A hello of cluster `one`. */
export function helloOf(id: string, facts: Partial<Hello> = {}): Hello {
  return { protocolVersion: 2, clusterId: 'one', id, generation: 1, features: [], valueBytesMax: 1_000, ...facts }
}

/** Ann dialled Ben. Both are open. */
export function sessionPair(
  options: SessionOptions = {},
  system: System = runtimeSystem,
): { readonly a: SessionEnd; readonly b: SessionEnd } {
  const [pipeA, pipeB] = cutPipes()
  const a = sessionEnd(pipeA, 'outbound', options, system)
  const b = sessionEnd(pipeB, 'inbound', options, system)
  a.session.start(new Uint8Array(0))
  b.session.start(new Uint8Array(0))
  return { a, b }
}

/** A session over a pipe, not started. */
export function sessionEnd(
  pipe: CutPipe,
  direction: 'inbound' | 'outbound',
  options: SessionOptions = {},
  system: System = runtimeSystem,
): SessionEnd {
  const errors: unknown[] = []
  const closes: (string | undefined)[] = []
  const id = direction === 'outbound' ? 'ben' : 'ann'
  const session = new MuxSession({
    pipe,
    remote: { id, transport: id },
    hello: helloOf(id),
    direction,
    authenticated: false,
    remoteFrameBytesMax: 2 ** 20,
    limits: resolveSessionOptions(options),
    system,
    tellError: (error) => errors.push(error),
    onOver: () => {},
  })
  session.on('close', (error) => closes.push(error?.code))
  return { session, pipe, errors, closes }
}

/** Opens a channel that the other side takes, and gives both ends. */
export async function channelPair(
  from: SessionEnd,
  to: SessionEnd,
  header: JsonValue = 'a channel',
): Promise<readonly [MuxChannel, MuxChannel]> {
  const taken: MuxChannel[] = []
  const take = (offer: ChannelOffer): void => void taken.push(offer.accept() as MuxChannel)
  to.session.on('channel', take)
  const opened = await from.session.open(header)
  to.session.off('channel', take)
  return [opened, taken[0] as MuxChannel]
}

/** All bytes of a stream. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value)
  return Buffer.concat(pieces)
}

/** The code something is rejected with, or what it resolves to. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Bytes that differ from one place to the next. */
export function pattern(length: number, seed: number = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 0xff)
}
