/** Relays, their clients and nodes that can be dialled, on one memory network, with everything they tell. */

import {
  type Channel,
  type GossipError,
  type Hello,
  type JsonValue,
  PROTOCOL_VERSION,
  type Session,
  type System,
  type Transport,
} from '../../../src/core/index.ts'
import {
  MemoryNetwork,
  type RelayServerOptions,
  RelayTransport,
  type RelayTransportOptions,
} from '../../../src/transports/index.ts'

/** One transport and what it told. */
export interface Member {
  readonly id: string
  readonly transport: RelayTransport
  readonly heard: { readonly from: string; readonly payload: JsonValue }[]
  readonly errors: GossipError[]
  readonly sessions: Session[]
}

/** What differs from the defaults. */
export type MemberOptions = Partial<RelayTransportOptions> & {
  readonly generation?: number
  readonly system?: System
}

/** A hello of everybody's cluster. */
export function helloOf(id: string, generation: number = 1): Hello {
  const base = { protocolVersion: PROTOCOL_VERSION, clusterId: 'relayed', features: [], valueBytesMax: 65_536 }
  return { ...base, id, generation }
}

/** Makes and closes. */
export class RelayWorld {
  readonly network: MemoryNetwork = new MemoryNetwork()
  readonly #open = new Set<Transport>()

  /** A node that is a relay, at an address. */
  relay(address: string, server: RelayServerOptions = {}, options: MemberOptions = {}): Promise<Member> {
    return this.member(address, { carrier: this.network.transport(address), relay: true, server, ...options })
  }

  /** A node behind the relay at an address. */
  client(id: string, relay: string, options: MemberOptions = {}): Promise<Member> {
    return this.member(id, { relay, ...options })
  }

  /** A node that can be dialled and is no relay. */
  node(id: string, options: MemberOptions = {}): Promise<Member> {
    return this.member(id, { carrier: this.network.transport(`at ${id}`), ...options })
  }

  /** Any relay transport, introduced and listening. */
  async member(id: string, options: MemberOptions): Promise<Member> {
    const member = this.unopened(id, options)
    await member.transport.listen()
    return member
  }

  /** Any relay transport, introduced. */
  unopened(id: string, { generation, system, ...options }: MemberOptions): Member {
    const carrier = options.carrier ?? this.network.transport()
    const transport = new RelayTransport({ retryDelayMs: 5, retryDelayMsMax: 20, ...options, carrier }, system)
    this.#open.add(transport)
    const member: Member = { id, transport, heard: [], errors: [], sessions: [] }
    transport.on('digest', (from, payload) => member.heard.push({ from: from.id, payload }))
    transport.on('error', (error) => member.errors.push(error as GossipError))
    transport.on('session', (session) => member.sessions.push(session))
    transport.introduce(helloOf(id, generation))
    return member
  }

  /** A session with a relay, and nothing of a relay transport around it. */
  async stranger(id: string, relay: string): Promise<Session> {
    const carrier = this.network.transport()
    this.#open.add(carrier)
    carrier.introduce(helloOf(id))
    return carrier.connect({ transport: relay })
  }

  /** Closes everything. */
  async close(): Promise<void> {
    const transports = [...this.#open]
    this.#open.clear()
    await Promise.all(transports.map((transport) => transport.close?.()))
  }
}

/** Sends a digest. */
export function send(from: Member, to: Member, payload: JsonValue): void {
  const local = { id: from.id, transport: from.transport.address ?? null }
  from.transport.digest({ id: to.id, transport: to.transport.address ?? null }, local, payload)
}

/** Sends until it has arrived. */
export async function deliver(from: Member, to: Member, payload: JsonValue): Promise<void> {
  send(from, to, payload)
  await until(`${from.id} to reach ${to.id}`, () => heard(to, from.id).includes(payload))
}

/** What a member heard from another. */
export function heard(member: Member, from: string): JsonValue[] {
  return member.heard.filter((message) => message.from === from).map(({ payload }) => payload)
}

/** The codes a member was told. */
export function codes(member: Member): string[] {
  return member.errors.map(({ code }) => code)
}

/** Waits for something to come true. */
export async function until(what: string, isTrue: () => boolean, deadlineMs: number = 10_000): Promise<void> {
  const endMs = performance.now() + deadlineMs
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The code something is rejected with, or what it resolves to. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  // The library's timers keep no process alive, and in memory there is nothing else to wait for.
  const wait = setInterval(() => {}, 1_000)
  try {
    return await promise
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  } finally {
    clearInterval(wait)
  }
}

/** The code that a channel's reader ends with; `'end'` where it ends on purpose. */
export async function endOf({ readable }: Channel): Promise<unknown> {
  const reader = readable.getReader()
  const end = async (): Promise<unknown> => {
    for (;;) if ((await reader.read()).done) return 'end'
  }
  return codeOf(end())
}
