/** A channel of a session with oneself: two pipes of bytes with a bound, that fail together. */

import { type Channel, InvalidOptionError, InvalidValueError, type JsonValue, TransportError } from '../core/index.ts'
import { codeOf, isCode } from './errors.ts'

/** Bytes of each way that may wait to be read. */
const WINDOW_BYTES = 262_144
const RESET_CODE = 'GOSSIP_CHANNEL_RESET'

/** One end of a channel. */
export interface LoopbackChannel extends Channel {
  /** Resolves when both ways have ended or failed. */
  readonly over: Promise<void>
  /** Fails both ways on both ends. */
  fail(error: Error): void
}

interface Way {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  readonly over: Promise<void>
  fail(error: Error): void
}

/** Both ends of a new channel. */
export function loopbackChannels(header: JsonValue): readonly [LoopbackChannel, LoopbackChannel] {
  let hasFailed = false
  const fail = (error: Error): void => {
    if (hasFailed) return
    hasFailed = true
    for (const way of ways) way.fail(error)
  }
  const ways = [newWay(fail), newWay(fail)] as const
  const over = Promise.all(ways.map((way) => way.over)).then(() => {})
  const reset = (code: string): void => {
    if (!isCode(code)) throw new InvalidOptionError('code', 'capitals as in ACME_STREAM_REFUSED, at most 64', code)
    fail(resetError(code))
  }
  const end = (inbound: Way, outbound: Way): LoopbackChannel => ({
    header,
    readable: inbound.readable,
    writable: outbound.writable,
    over,
    fail,
    reset,
  })
  return [end(ways[0], ways[1]), end(ways[1], ways[0])]
}

/** @param onBroken - one side gave up before the end */
function newWay(onBroken: (error: Error) => void): Way {
  let reader: ReadableStreamDefaultController<Uint8Array> | undefined
  let writer: WritableStreamDefaultController | undefined
  let onTaken: () => void = () => {}
  let onOver: () => void = () => {}
  const over = new Promise<void>((resolve) => (onOver = resolve))
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        reader = controller
      },
      pull: () => onTaken(),
      cancel: (reason: unknown) => onBroken(resetError(codeOf(reason, RESET_CODE))),
    },
    { highWaterMark: WINDOW_BYTES, size: (bytes) => bytes.byteLength },
  )
  const writable = new WritableStream<Uint8Array>(
    {
      start: (controller) => {
        writer = controller
      },
      write: async (chunk: unknown) => {
        if (!(chunk instanceof Uint8Array)) throw new InvalidValueError('chunk', 'is not made of bytes')
        reader?.enqueue(chunk.slice())
        if ((reader?.desiredSize ?? 0) <= 0) await new Promise<void>((resolve) => (onTaken = resolve))
      },
      close: () => {
        reader?.close()
        onOver()
      },
      abort: (reason: unknown) => onBroken(resetError(codeOf(reason, RESET_CODE))),
    },
    { highWaterMark: 65_536, size: (chunk: unknown) => (chunk instanceof Uint8Array ? chunk.byteLength : 1) },
  )
  const fail = (error: Error): void => {
    attempt(() => reader?.error(error))
    attempt(() => writer?.error(error))
    onTaken()
    onOver()
  }
  return { readable, writable, over, fail }
}

/** A way that has ended cannot fail any more. */
function attempt(act: () => void): void {
  try {
    act()
  } catch {
    return
  }
}

function resetError(code: string): TransportError {
  return new TransportError(code, 'the channel was reset', { direction: 'inbound' })
}
