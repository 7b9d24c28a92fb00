/** Transports that lose, bend, mix up or share what they carry. */

import type { JsonValue, PeerRef, SenderRef } from '../../../src/core/index.ts'
import type { BrokenTransport } from './broken-transport.ts'
import { type PlainKind, PlainListener, type PlainTransport } from './plain-transport.ts'

class DropsTheId extends PlainListener {
  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    return super.encode(kind, { ...sender, id: 'unknown' }, payload)
  }
}

class SwapsTheKinds extends PlainListener {
  override digest(remotePeer: PeerRef, localPeer: SenderRef, digest: JsonValue): void {
    this.send('deltas', remotePeer, localPeer, digest)
  }
}

class RepeatsEverything extends PlainListener {
  override receive(text: string, from?: PlainTransport): void {
    super.receive(text, from)
    super.receive(text, from)
  }
}

class SpeaksLatin extends PlainListener {
  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    return super.encode(kind, sender, payload).replaceAll(/[^ -ÿ]/g, '?')
  }
}

class CutsLongTexts extends PlainListener {
  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    const cut = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.slice(0, 10_000) : value)
    return JSON.stringify({ kind, sender, payload }, cut)
  }
}

class FlattensTheDeep extends PlainListener {
  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    return super.encode(kind, sender, flattened(payload, 32))
  }
}

class KnowsTheAddressBetter extends PlainListener {
  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    return super.encode(kind, { ...sender, transport: this.address ?? null }, payload)
  }
}

class TellsEverybody extends PlainListener {
  override arrive(_: PeerRef, text: string): void {
    for (const target of this.network.listening.values()) if (target !== this) target.receive(text, this)
  }
}

class IgnoresItself extends PlainListener {
  override targetOf(to: PeerRef): PlainTransport | undefined {
    const target = super.targetOf(to)
    return target === this ? undefined : target
  }
}

class LosesBursts extends PlainListener {
  #waiting = 0

  override post(to: PeerRef, text: string): void {
    if (this.#waiting === 100) return
    this.#waiting++
    setImmediate(() => this.#waiting--)
    super.post(to, text)
  }
}

class SendsTheLastFirst extends PlainListener {
  readonly #waiting: (() => void)[] = []

  override later(deliver: () => void): void {
    this.#waiting.push(deliver)
    setImmediate(() => this.#waiting.pop()?.())
  }
}

/** Encodes when it sends, not when it is told to. */
class EncodesLate extends PlainListener {
  override send(kind: PlainKind, remotePeer: PeerRef, localPeer: SenderRef, payload: JsonValue): void {
    const to = { ...remotePeer }
    setImmediate(() => super.send(kind, to, localPeer, payload))
  }
}

/** Hands over the object itself. */
class SharesTheObject extends PlainListener {
  static readonly #objects: Map<string, JsonValue> = new Map()

  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    const text = super.encode(kind, sender, payload)
    SharesTheObject.#objects.set(text, payload)
    return text
  }

  override parse(text: string): ReturnType<PlainListener['parse']> {
    const message = super.parse(text)
    return message && { ...message, payload: SharesTheObject.#objects.get(text) ?? message.payload }
  }
}

class StampsThePayload extends PlainListener {
  override encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    const text = super.encode(kind, sender, payload)
    const [, body] = Array.isArray(payload) ? (payload as readonly unknown[]) : []
    if (typeof body === 'object' && body !== null && !Object.isFrozen(body)) Object.assign(body, { stamp: 1 })
    return text
  }
}

class ChangesRpcs extends PlainListener {
  override rpc(remotePeer: PeerRef, payload: JsonValue): void {
    super.rpc(remotePeer, { payload })
  }
}

class TiresAfterAWhile extends PlainListener {
  #sent = 0

  override post(to: PeerRef, text: string): void {
    if (++this.#sent <= 1_000) super.post(to, text)
  }
}

class LosesLargeDeltas extends PlainListener {
  override deltas(remotePeer: PeerRef, localPeer: SenderRef, deltas: JsonValue): void {
    if (JSON.stringify(deltas).length < 100) super.deltas(remotePeer, localPeer, deltas)
  }
}

/** Each with the case that has to find it. */
export const brokenDelivery: readonly BrokenTransport[] = [
  {
    fault: "drops the sender's id",
    found: 'delivery: a digest arrives as a digest, deltas as deltas',
    says: /the sender's id was sent as "peer-1" and came as "unknown" \(see "Delivery" in docs\/WRITING-A-TRANSPORT\.md\)/,
    broken: DropsTheId,
  },
  {
    fault: 'swaps digest and deltas',
    found: 'delivery: a digest arrives as a digest, deltas as deltas',
    says: /what was sent as digest came as deltas/,
    broken: SwapsTheKinds,
  },
  {
    fault: 'repeats everything',
    found: 'delivery: a digest arrives as a digest, deltas as deltas',
    says: /no more often than it was sent; digest came 2 times/,
    broken: RepeatsEverything,
  },
  {
    fault: 'takes text for Latin-1',
    found: 'delivery: every kind of JSON arrives unaltered',
    says: /the payload was sent as "separators/,
    broken: SpeaksLatin,
  },
  {
    fault: 'cuts long texts',
    found: 'delivery: a large message arrives unaltered',
    says: /the payload\[1\] was sent as "xxx.* \(\d+ characters\) and came as "xxx/,
    broken: CutsLongTexts,
  },
  {
    fault: 'flattens what is deep',
    found: 'delivery: a deeply nested message arrives unaltered',
    says: /was sent as .* and came as "too deep"/,
    broken: FlattensTheDeep,
  },
  {
    fault: 'says its own address instead of the one it was given',
    found: "delivery: the sender's id and address arrive as given",
    says: /the sender's transport was sent as "memo:né" and came as "plain:/,
    broken: KnowsTheAddressBetter,
  },
  {
    fault: 'tells everybody everything',
    found: 'delivery: many peers write to each other at once',
    says: /to be told only what was sent to it; /,
    broken: TellsEverybody,
  },
  {
    fault: 'does not know itself',
    found: 'delivery: a message to oneself arrives',
    says: /digest from peer-1 to arrive at peer-1; .*errors were told: GOSSIP_CONNECT_FAILED/,
    broken: IgnoresItself,
  },
  {
    fault: 'loses what comes all at once',
    found: 'delivery: all of a burst arrives',
    says: /all of 500 messages that were sent at once to arrive/,
    broken: LosesBursts,
  },
  {
    fault: 'sends the last first',
    found: 'delivery: messages of one kind do not overtake each other',
    says: /to arrive in the order they were sent; message \d+ came after message \d+/,
    broken: SendsTheLastFirst,
  },
  {
    fault: 'encodes when the payload may have changed',
    found: 'isolation: what is changed after sending changes nothing',
    says: /id was sent as "peer-1" and came as "somebody else" \(see "Isolation"/,
    broken: EncodesLate,
  },
  {
    fault: 'shares the payload with the receiver',
    found: 'isolation: what a listener changes is its own',
    says: /a listener to change only its own copy; what the sender still holds/,
    broken: SharesTheObject,
  },
  {
    fault: 'stamps the payload of its caller',
    found: 'isolation: what is sent is not changed',
    says: /to leave a payload as it is; what the sender still holds\.stamp came and was not sent/,
    broken: StampsThePayload,
  },
  {
    fault: 'wraps rpc payloads',
    found: 'rpc: payloads arrive unaltered, apart from the gossip',
    says: /an rpc payload to arrive as it was sent/,
    broken: ChangesRpcs,
  },
  {
    fault: 'tires after a thousand messages',
    found: 'soak: 10,000 messages among four peers',
    says: /to arrive at peer-\d; it had not come true/,
    broken: TiresAfterAWhile,
  },
  {
    fault: 'loses large deltas',
    found: 'cluster: eight nodes converge over it',
    says: /every key of every node to be everywhere/,
    broken: LosesLargeDeltas,
  },
]

function flattened(value: JsonValue, levels: number): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return 'too deep'
  if (Array.isArray(value)) return value.map((item: JsonValue) => flattened(item, levels - 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, flattened(item, levels - 1)]))
}
