/** Handlers that tests run in workers. */

import { threadId } from 'node:worker_threads'
import type { WorkerContext } from '../../../src/messaging/index.ts'

let calls = 0

/** What it was told, and where it is. */
export function handle(payload: unknown, { from, way }: WorkerContext): unknown {
  return { payload, from, way, threadId }
}

/** The payload. */
export function echo(payload: unknown): unknown {
  return payload
}

/** Bytes that are a part of memory which others use. */
export function pooled(): Uint8Array {
  return Buffer.from('pooled')
}

/** How often it was called in this thread. */
export function count(): unknown {
  calls++
  return { calls, threadId }
}

/** The same memory under another name. */
export function counted(): unknown {
  return { calls, threadId }
}

/** Fails with a code. */
export function empty(): never {
  throw Object.assign(new Error('no more nails'), { code: 'ACME_STOCK_EMPTY' })
}

/** Answers what no other thread can be given. */
export function foreign(): unknown {
  return () => 1
}

/** Answers when it is told that nobody waits any more. */
export function patient(_: unknown, { signal }: WorkerContext): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
}

/** Waits, and never answers. */
export async function busy(): Promise<void> {
  await new Promise(() => {})
}

/** Never comes to an end. */
export function spin(): never {
  for (;;) calls++
}

/** Takes its thread with it. */
export function exit(): never {
  process.exit(3)
}

/** Fails behind the back of whoever called it. */
export function crash(): Promise<void> {
  setImmediate(() => {
    throw new Error('behind the back')
  })
  return new Promise(() => {})
}

/** Uses all memory there is. */
export function hog(): unknown {
  const all: unknown[] = []
  for (;;) all.push(Array.from({ length: 10_000 }, (_, i) => ({ i })))
}
