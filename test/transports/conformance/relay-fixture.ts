/** Fixtures of relay transports: nodes that are reached through one relay, whatever carries them there. */

import {
  type Channel,
  type Hello,
  type JsonValue,
  PROTOCOL_VERSION,
  type Session,
  type Transport,
} from '../../../src/core/index.ts'
import type { Capabilities, ConformanceFixture, TransportRequest } from '../../../src/transports/conformance/index.ts'
import { MemoryNetwork, RelayTransport } from '../../../src/transports/index.ts'
import { parseRelayAddress } from '../../../src/transports/relay/relay-address.ts'
import { encodeRelayFrame } from '../../../src/transports/relay/relay-frame.ts'

const QUEUE_BYTES_MAX = 1_048_576
const MESSAGE_BYTES_MAX = 524_288

/** A carrier, and how others reach it. */
export interface Carriers {
  readonly name: string
  /** @param isRelay - others dial it */
  make(isRelay: boolean): Transport
}

const CAPABILITIES: Capabilities = {
  listens: true,
  addressable: false,
  canReopen: false,
  ordered: true,
  limited: true,
  reportsUnreachable: true,
  rpc: true,
  hello: true,
  sessions: true,
  // Behind a relay there is none; to direct peers it is the carrier’s.
  bulk: false,
  newestWins: true,
}

/** Everybody registers with one relay of the fixture's. */
export function relayFixture(
  carriers: Carriers,
): ConformanceFixture & { createTransport(request: TransportRequest): Promise<RelayTransport> } {
  let relay: Promise<RelayTransport> | undefined
  const strangers: Transport[] = []
  const theRelay = (): Promise<RelayTransport> => {
    relay ??= openRelay(carriers.make(true))
    return relay
  }
  const relayAddress = async (): Promise<JsonValue> => (await theRelay()).address ?? null
  return {
    name: `relay over ${carriers.name}`,
    capabilities: CAPABILITIES,
    createTransport: async () =>
      new RelayTransport({
        carrier: withOneCluster(carriers.make(false)),
        relay: await relayAddress(),
        queueBytesMax: QUEUE_BYTES_MAX,
        messageBytesMax: MESSAGE_BYTES_MAX,
        retryDelayMs: 10,
      }),
    unreachableAddress: async () => ({ relay: await relayAddress(), id: 'nobody' }),
    silentAddress: async () => {
      const carrier = withOneCluster(carriers.make(false))
      strangers.push(carrier)
      await register(carrier, 'silent', await relayAddress())
      return { relay: await relayAddress(), id: 'silent' }
    },
    malformedAddresses: [null, 7, {}, []],
    injectGarbage: async (address, bytes) => {
      const carrier = withOneCluster(carriers.make(false))
      strangers.push(carrier)
      const peer = parseRelayAddress(address)?.id ?? ''
      const { session, channel } = await register(carrier, 'garbler', await relayAddress())
      const message = encodeRelayFrame({ kind: 'message', peer, flags: 0, slot: 0, bytes })
      // A message of garbage, a session that begins with garbage, and garbage for the relay.
      await writeAll(channel, message)
      await writeAll(await session.open({ relay: 1, to: peer }), bytes, 'end')
      await writeAll(channel, bytes, 'end')
      await carrier.close?.()
    },
    queueBytesMax: 2 * QUEUE_BYTES_MAX,
    close: async () => {
      await Promise.all(strangers.splice(0).map((stranger) => stranger.close?.()))
      await (await relay)?.close()
      relay = undefined
    },
  }
}

/** Everybody in memory. */
export function memoryCarriers(): Carriers {
  const network = new MemoryNetwork({ maxMessageBytes: 1_048_576 })
  return { name: 'memory', make: () => network.transport() }
}

async function openRelay(carrier: Transport): Promise<RelayTransport> {
  const relay = new RelayTransport({
    carrier,
    relay: true,
    server: {
      messagesPerSecondMax: 1_000_000,
      bytesPerSecondMax: 2 ** 33,
      queueBytesMax: QUEUE_BYTES_MAX,
      messageBytesMax: MESSAGE_BYTES_MAX,
    },
  })
  relay.introduce(helloOf('the relay'))
  await relay.listen()
  return relay
}

/** A session and a registration without a relay transport. */
async function register(
  carrier: Transport,
  id: string,
  relay: JsonValue,
): Promise<{ readonly session: Session; readonly channel: Channel }> {
  carrier.introduce?.(helloOf(id))
  const session = await carrier.connect?.({ transport: relay })
  if (session === undefined) throw new Error('the carrier has no sessions')
  const channel = await session.open({ relay: 1, register: id, generation: 1 })
  // The welcome: until then nothing is passed on.
  await channel.readable.getReader().read()
  return { session, channel }
}

/** To be dropped is a fair answer to garbage. */
async function writeAll({ writable }: Channel, bytes: Uint8Array, end?: 'end'): Promise<void> {
  const writer = writable.getWriter()
  await writer.write(bytes).catch(() => {})
  if (end !== undefined) await writer.close().catch(() => {})
  writer.releaseLock()
}

/**
 * A relay takes nodes of its own cluster only, as every node does. Here it has to take all, so that those of another
 * cluster come as far as each other.
 */
function withOneCluster<T extends Transport>(carrier: T): T {
  const introduce = carrier.introduce?.bind(carrier)
  carrier.introduce = (hello) => introduce?.({ ...hello, clusterId: 'conformance' })
  return carrier
}

function helloOf(id: string): Hello {
  return {
    protocolVersion: PROTOCOL_VERSION,
    clusterId: 'conformance',
    id,
    generation: 1,
    features: [],
    valueBytesMax: 65_536,
  }
}
