/** A memory network that a test drives message by message, and ears for what its transports tell. */

import type { Hello, SenderRef, Transport } from '../../../src/core/index.ts'
import { MemoryNetwork, type MemoryNetworkOptions, type MemoryTransport } from '../../../src/transports/index.ts'

/** A network whose messages wait until the test lets them arrive. */
export class Postponed {
  readonly #waiting: (() => void)[] = []
  readonly network: MemoryNetwork

  constructor(options: MemoryNetworkOptions = {}) {
    this.network = new MemoryNetwork({ ...options, schedule: (deliver) => this.#waiting.push(deliver) })
  }

  get waiting(): number {
    return this.#waiting.length
  }

  deliverNext(): void {
    this.#waiting.shift()?.()
  }

  deliverAll(): void {
    while (this.#waiting.length > 0) this.deliverNext()
  }
}

/** One event of a transport. */
export interface Heard {
  readonly event: string
  readonly peer: SenderRef | undefined
  readonly value: unknown
}

/** Everything a transport tells, in order; an error by its code. */
export function heardBy(transport: Transport): Heard[] {
  const heard: Heard[] = []
  for (const event of ['digest', 'deltas', 'rpc', 'hello'] as const) {
    transport.on(event, (peer: SenderRef | undefined, value: unknown) => heard.push({ event, peer, value }))
  }
  transport.on('error', (error) => heard.push({ event: 'error', peer: undefined, value: Reflect.get(error, 'code') }))
  return heard
}

/** A hello of cluster `one`. */
export function helloOf(id: string, facts: Partial<Hello> = {}): Hello {
  return { protocolVersion: 2, clusterId: 'one', id, generation: 1, features: [], valueBytesMax: 1_000, ...facts }
}

/** A peer at the first address. */
export const ann: SenderRef = { id: 'ann', transport: 'memory:1' }
/** A peer at the second address. */
export const ben: SenderRef = { id: 'ben', transport: 'memory:2' }

/** Ann and Ben at their addresses, both listening. */
export async function annAndBen(
  options?: MemoryNetworkOptions,
): Promise<{ post: Postponed; a: MemoryTransport; b: MemoryTransport }> {
  const post = new Postponed(options)
  const [a, b] = [post.network.transport(), post.network.transport()]
  await Promise.all([a.listen(), b.listen()])
  return { post, a, b }
}
