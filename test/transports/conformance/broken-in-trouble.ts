/** Transports that are fine until there is trouble: limits, dead peers, errors, garbage. */

import { GossipError, type JsonValue, type PeerRef, type SenderRef } from '../../../src/core/index.ts'
import type { BrokenTransport } from './broken-transport.ts'
import { type PlainKind, PlainListener } from './plain-transport.ts'

class RefusesAtTheLimit extends PlainListener {
  override sizeOf(payload: JsonValue): number {
    return super.sizeOf(payload) + 1
  }
}

class CountsCharacters extends PlainListener {
  override sizeOf(payload: JsonValue): number {
    return JSON.stringify(payload).length
  }
}

class TruncatesInSilence extends PlainListener {
  override send(kind: PlainKind, remotePeer: PeerRef, localPeer: SenderRef, payload: JsonValue): void {
    if (this.sizeOf(payload) <= this.maxMessageBytes) super.send(kind, remotePeer, localPeer, payload)
    else super.send(kind, remotePeer, localPeer, ['…'])
  }
}

class KeepsEverything extends PlainListener {
  override hasRoom(): boolean {
    return true
  }
}

class WaitsForTheDead extends PlainListener {
  #isBlocked = false

  override arrive(to: PeerRef, text: string): void {
    if (this.targetOf(to) === undefined) this.#isBlocked = true
    if (!this.#isBlocked) super.arrive(to, text)
  }
}

class SaysNothing extends PlainListener {
  override tellError(): void {}
}

class TellsBareErrors extends PlainListener {
  override trouble(): Error {
    return new Error('it did not go')
  }
}

class TellsRuntimeCodes extends PlainListener {
  override trouble(): Error {
    return Object.assign(new GossipError('it did not go'), { code: 'ECONNREFUSED' })
  }
}

class NamesNobody extends PlainListener {
  override trouble(code: string): Error {
    return super.trouble(code, { transport: 'somebody' })
  }
}

class ThrowsAtOddAddresses extends PlainListener {
  override post(to: PeerRef, text: string): void {
    if (typeof to.transport !== 'string') throw new TypeError('an address is a string')
    super.post(to, text)
  }
}

class DiesOfGarbage extends PlainListener {
  override refuse(): void {
    setImmediate(() => {
      throw new SyntaxError('what is this?')
    })
  }
}

class IgnoresGarbage extends PlainListener {
  override refuse(): void {}
}

const UNREACHABLE = 'errors: an unreachable peer is told of, with a code, the peer and the direction'
const GARBAGE = 'garbage: bytes that are no message harm nobody'
const OVER = 'limits: one byte over the limit is a coded error, and nothing else is lost'

/** Each with the case that has to find it. */
export const brokenInTrouble: readonly BrokenTransport[] = [
  {
    fault: 'has a limit that its fixture keeps to itself',
    found: 'delivery: what is declared is there, and what is there is declared',
    says: /the fixture to declare limited, true or false, since the transport has maxMessageBytes/,
    broken: PlainListener,
    fixture: { capabilities: { listens: true, rpc: true, hello: true } },
  },
  {
    fault: 'refuses what is exactly at the limit',
    found: 'limits: a message at the limit passes',
    says: /errors were told: GOSSIP_FRAME_TOO_LARGE/,
    broken: RefusesAtTheLimit,
  },
  {
    fault: 'counts characters for bytes',
    found: OVER,
    says: /one over maxMessageBytes.*; it arrived/,
    broken: CountsCharacters,
  },
  {
    fault: 'truncates over-limit messages silently',
    found: OVER,
    says: /the payload was sent with 2 items and came with 1/,
    broken: TruncatesInSilence,
  },
  {
    fault: 'keeps everything for the dead',
    found: 'limits: what waits for a dead peer is bounded',
    says: /at most \d+ bytes to be held for a peer that takes nothing; \d+ bytes were held after \d+ messages/,
    broken: KeepsEverything,
  },
  {
    fault: 'waits for the dead',
    found: 'limits: a dead peer holds up nobody else',
    says: /to arrive at/,
    broken: WaitsForTheDead,
  },
  { fault: 'says nothing of trouble', found: UNREACHABLE, says: /to become an error event/, broken: SaysNothing },
  {
    fault: 'tells bare errors',
    found: UNREACHABLE,
    says: /what was told was Error "it did not go"/,
    broken: TellsBareErrors,
  },
  { fault: "tells the runtime's codes", found: UNREACHABLE, says: /was "ECONNREFUSED"/, broken: TellsRuntimeCodes },
  { fault: 'names the wrong peer', found: UNREACHABLE, says: /the peer of TransportError/, broken: NamesNobody },
  {
    fault: 'throws at malformed addresses',
    found: 'errors: a malformed address is told of, with a code, the peer and the direction',
    says: /never thrown; digest\(\) of peer-1 threw TypeError "an address is a string"/,
    broken: ThrowsAtOddAddresses,
  },
  {
    fault: 'throws at odd addresses',
    found: 'errors: no address is odd enough to break anything',
    says: /never thrown; digest\(\) of peer-1 threw TypeError/,
    broken: ThrowsAtOddAddresses,
  },
  {
    fault: 'dies of garbage',
    found: GARBAGE,
    says: /nobody can catch it.*SyntaxError "what is this\?"/,
    broken: DiesOfGarbage,
  },
  { fault: 'ignores garbage', found: GARBAGE, says: /garbage to become an error event/, broken: IgnoresGarbage },
]
