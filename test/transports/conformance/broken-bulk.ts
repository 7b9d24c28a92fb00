/** Transports whose transfers in bulk have one fault each. */

import type { BulkOffer, BulkSink, BulkSource, JsonValue, PeerRef, SenderRef } from '../../../src/core/index.ts'
import type { BrokenTransport } from './broken-transport.ts'
import { PlainListener } from './plain-transport.ts'

/** The same source but for some members. */
function altered(source: BulkSource, changes: Partial<BulkSource>): BulkSource {
  return { about: source.about, next: () => source.next(), end: (error) => source.end(error), ...changes }
}

/** The same offer with another sink in the place of the one it is accepted with. */
function withSink(offer: BulkOffer, alter: (sink: BulkSink) => Partial<BulkSink>): BulkOffer {
  return {
    about: offer.about,
    refuse: (code) => offer.refuse(code),
    accept: (sink) => {
      const { valueBytesMax } = sink
      offer.accept({ valueBytesMax, take: (group) => sink.take(group), end: () => sink.end(), ...alter(sink) })
    },
  }
}

class SwapsGroups extends PlainListener {
  override bulk(remote: PeerRef, local: SenderRef, source: BulkSource): void {
    let held: JsonValue | undefined
    const next = (): JsonValue | undefined => {
      if (held === undefined) {
        held = source.next()
        return source.next() ?? held
      }
      const group = held
      held = undefined
      return group
    }
    super.bulk(remote, local, altered(source, { next }))
  }
}

class AsksTooEarly extends PlainListener {
  override bulk(remote: PeerRef, local: SenderRef, source: BulkSource): void {
    source.next()
    super.bulk(remote, local, source)
  }
}

class NeverHasEnough extends PlainListener {
  override alterOffer(offer: BulkOffer): BulkOffer {
    return withSink(offer, (sink) => ({ take: (group) => sink.take(group) || true }))
  }
}

class IgnoresTheLimit extends PlainListener {
  override alterOffer(offer: BulkOffer): BulkOffer {
    return withSink(offer, () => ({ valueBytesMax: Number.MAX_SAFE_INTEGER }))
  }
}

class LetsMessagesWait extends PlainListener {
  #running = 0
  #waiting: (() => void)[] = []

  override bulk(remote: PeerRef, local: SenderRef, source: BulkSource): void {
    this.#running++
    const end = (error?: Error): void => {
      this.#running--
      for (const post of this.#waiting.splice(0)) post()
      source.end(error)
    }
    super.bulk(remote, local, altered(source, { end }))
  }

  override post(to: PeerRef, text: string): void {
    if (this.#running > 0) this.#waiting.push(() => super.post(to, text))
    else super.post(to, text)
  }
}

class SaysThatAllIsWell extends PlainListener {
  override bulk(remote: PeerRef, local: SenderRef, source: BulkSource): void {
    super.bulk(remote, local, altered(source, { end: () => source.end() }))
  }
}

class ForgetsItsTransfers extends PlainListener {
  override bulk(remote: PeerRef, local: SenderRef, source: BulkSource): void {
    const end = (error?: Error): void => {
      if (!this.isClosed) source.end(error)
    }
    super.bulk(remote, local, altered(source, { end }))
  }
}

function broken(fault: string, Broken: BrokenTransport['broken'], found: string, says: RegExp): BrokenTransport {
  return { fault, found, says, broken: Broken }
}

/** In the order of the cases that find them. */
export const brokenBulk: readonly BrokenTransport[] = [
  broken(
    'swaps groups',
    SwapsGroups,
    'bulk: groups arrive in order and whole, and both sides hear the end',
    /groups to arrive in order and unaltered/,
  ),
  broken(
    'asks for groups too early',
    AsksTooEarly,
    'bulk: nothing is made before it is wanted, and a refusal is told by its code',
    /bulk\(\) to return before a group is asked for/,
  ),
  broken('never has enough', NeverHasEnough, 'bulk: a receiver that has enough stops it', /the transfer to end/),
  broken(
    'ignores the limit on values',
    IgnoresTheLimit,
    'bulk: a value over the limit ends it, and what came before it stands',
    /a value over valueBytesMax to end the transfer; it succeeded/,
  ),
  broken(
    'lets messages wait for transfers',
    LetsMessagesWait,
    'bulk: messages are heard while a transfer runs',
    /digest from .* to arrive/,
  ),
  broken(
    'says that all is well',
    SaysThatAllIsWell,
    'bulk: an unreachable peer ends it with a code',
    /a transfer to nobody to end with an error; it succeeded/,
  ),
  broken('forgets its transfers', ForgetsItsTransfers, 'bulk: closing ends it on both sides', /the transfer to end/),
]
