/** Transports whose sessions have one fault each. */

import type { Channel, Hello, JsonValue, PeerRef, Session, SessionEvents } from '../../../src/core/index.ts'
import type { SessionHub } from '../../../src/transports/index.ts'
import type { BrokenTransport } from './broken-transport.ts'
import { PlainListener, type PlainNetwork } from './plain-transport.ts'

/** The same object but for some members, which keeps its private parts working. */
function altered<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in changes) return Reflect.get(changes, name) as unknown
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

class MistakesTheAddress extends PlainListener {
  override alter(session: Session): Session {
    return altered(session, { remote: { id: session.remote.id, transport: 'plain:elsewhere' } })
  }
}

class TellsAnotherEachTime extends PlainListener {
  override altered(session: Session): Session {
    return altered(session, {})
  }
}

class KeepsItsOwn extends PlainListener {
  readonly #outward: SessionHub = this.newHub()

  override async connect(remote: PeerRef): Promise<Session> {
    return this.#outward.connect(remote) as Promise<Session>
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#outward.close()])
  }
}

class ListensLate extends PlainListener {
  override alter(session: Session): Session {
    const on = <E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): void => {
      setTimeout(() => session.on(event, listener), 20)
    }
    return altered(session, { on })
  }
}

class SendsLater extends PlainListener {
  override alter(session: Session): Session {
    const send = (frame: Uint8Array): boolean => {
      setImmediate(() => session.isClosed || session.send(frame))
      return true
    }
    return altered(session, { send })
  }
}

class CutsLongFrames extends PlainListener {
  override alter(session: Session): Session {
    return altered(session, { send: (frame) => session.send(frame.subarray(0, session.frameBytesMax)) })
  }
}

class TakesEveryFrame extends PlainListener {
  override alter(session: Session): Session {
    return altered(session, { send: () => true })
  }
}

class ForgetsNoSession extends PlainListener {
  readonly #known = new Map<string, Session>()

  override async connect(remote: PeerRef): Promise<Session> {
    const key = JSON.stringify(remote.transport)
    const session = this.#known.get(key) ?? (await super.connect(remote))
    this.#known.set(key, session)
    return session
  }
}

class TakesAnybody extends PlainListener {
  override connect(remote: PeerRef): Promise<Session> {
    return super.connect({ transport: remote.transport })
  }
}

class IsOfEveryCluster extends PlainListener {
  override introduce(hello: Hello): void {
    super.introduce({ ...hello, clusterId: 'any' })
  }
}

class FailsWithoutACode extends PlainListener {
  override trouble(): Error {
    return Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  }
}

class IgnoresSignals extends PlainListener {
  override connect(remote: PeerRef): Promise<Session> {
    return super.connect(remote)
  }
}

class ClosesWithoutItsSessions extends PlainListener {
  override async close(): Promise<void> {
    this.isClosed = true
    if (this.address !== undefined) this.network.listening.delete(this.address)
  }
}

class LeaksATimerASession extends PlainListener {
  static readonly timers: Set<NodeJS.Timeout> = new Set()

  override alter(session: Session): Session {
    LeaksATimerASession.timers.add(setInterval(() => {}, 1_000_000))
    return session
  }
}

class ChokesOnGarbage extends PlainListener {
  override acceptGarbage(): void {
    setImmediate(() => {
      throw new Error('that is no session')
    })
  }
}

/** Changes the channels that this side opens. */
abstract class AltersChannels extends PlainListener {
  #last: Channel | undefined

  override alter(session: Session): Session {
    const open: Session['open'] = async (header, options) => {
      const channel = await session.open(this.alterHeader(header), options)
      const last = this.#last ?? channel
      this.#last = channel
      return this.alterChannel(channel, last)
    }
    return altered(session, { open })
  }

  alterHeader(header: JsonValue): JsonValue {
    return header
  }

  alterChannel(channel: Channel, _last: Channel): Channel {
    return channel
  }
}

class WritesHeadersAsText extends AltersChannels {
  override alterHeader(header: JsonValue): JsonValue {
    return JSON.stringify(header)
  }
}

class RefusesInItsOwnWords extends PlainListener {
  override alter(session: Session): Session {
    const on = <E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): void => {
      if (event !== 'channel') session.on(event, listener)
      else {
        const tell = listener as SessionEvents['channel']
        session.on('channel', (offer) => tell(altered(offer, { refuse: () => offer.refuse('GOSSIP_CHANNEL_REFUSED') })))
      }
    }
    return altered(session, { on })
  }
}

class WritesToTheLastChannel extends AltersChannels {
  override alterChannel(channel: Channel, last: Channel): Channel {
    return altered(channel, { writable: last.writable })
  }
}

class EndsBothWays extends AltersChannels {
  override alterChannel(channel: Channel): Channel {
    const writer = channel.writable.getWriter()
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => writer.write(chunk),
      close: async () => {
        await writer.close()
        channel.reset('ACME_THAT_WAS_ALL')
      },
    })
    return altered(channel, { writable })
  }
}

class WaitsForNoReader extends AltersChannels {
  override alterChannel(channel: Channel): Channel {
    const writer = channel.writable.getWriter()
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => void writer.write(chunk).catch(() => {}),
      close: () => writer.close(),
    })
    return altered(channel, { writable })
  }
}

class EndsInPlaceOfAReset extends AltersChannels {
  override alterChannel(channel: Channel): Channel {
    return altered(channel, { reset: () => void channel.writable.close().catch(() => {}) })
  }
}

/** Lets go of what the leaking ones hold. */
export function endSessionLeaks(): void {
  for (const timer of LeaksATimerASession.timers) clearInterval(timer)
  LeaksATimerASession.timers.clear()
}

type Broken = new (network: PlainNetwork, address?: JsonValue) => PlainListener

const broken = (fault: string, Broken: Broken, found: string, says: RegExp): BrokenTransport => ({
  fault,
  found,
  says,
  broken: Broken,
})

/** Faults of sessions, and the cases that find them. */
export const brokenSessions: readonly BrokenTransport[] = [
  broken(
    'mistakes the address of a session',
    MistakesTheAddress,
    'sessions: both sides have one, and know who the other is',
    /plain:elsewhere/,
  ),
  broken(
    'gives another session each time',
    TellsAnotherEachTime,
    'sessions: connecting again gives the same one',
    /it gave another one/,
  ),
  broken(
    'keeps the session that it dialled itself',
    KeepsItsOwn,
    'sessions: of two dialled at once one stays, and both sides have it',
    /one of both to be dialled by the lower id/,
  ),
  broken(
    'adds listeners late',
    ListensLate,
    'sessions: who listens as soon as connect resolves misses nothing',
    /that came at once to be told/,
  ),
  broken(
    'sends frames when their owner has changed them',
    SendsLater,
    'sessions: frames arrive in order and unaltered, both ways',
    /byte 0 was 238/,
  ),
  broken(
    'cuts long frames',
    CutsLongFrames,
    'sessions: a frame over the limit is refused, and nothing else is lost',
    /over frameBytesMax to fail; it succeeded/,
  ),
  broken(
    'takes every frame there is',
    TakesEveryFrame,
    'sessions: what piles up is bounded, and drain tells of room',
    /were taken in one turn/,
  ),
  broken(
    'gives sessions that were closed',
    ForgetsNoSession,
    'sessions: closing one is told, and connecting then gives a new one',
    /to be told the session of/,
  ),
  broken(
    'takes whoever answers',
    TakesAnybody,
    'sessions: who is not who was expected is refused',
    /somebody else is to fail; it succeeded/,
  ),
  broken(
    'has sessions with other clusters',
    IsOfEveryCluster,
    'sessions: a node of another cluster is refused',
    /another cluster to fail; it succeeded/,
  ),
  broken(
    'fails to connect without a code',
    FailsWithoutACode,
    'sessions: an unreachable peer rejects with a code',
    /stable code; what was told was no Error|stable code; what was told was Error ECONNREFUSED/,
  ),
  broken(
    'ignores signals',
    IgnoresSignals,
    'sessions: a raised signal rejects with GOSSIP_ABORTED',
    /raised before to fail; it succeeded/,
  ),
  broken(
    'closes and leaves its sessions open',
    ClosesWithoutItsSessions,
    'sessions: closing the transport ends them and fails everything pending',
    /to settle; it had not after/,
  ),
  broken(
    'leaks a timer for every session',
    LeaksATimerASession,
    'sessions: closing leaves no handle open',
    /still open: \d+ Timeout/,
  ),
  broken(
    'chokes on garbage where sessions are accepted',
    ChokesOnGarbage,
    'sessions: garbage on their wire harms nobody',
    /thrown where nobody can catch it/,
  ),
  broken(
    'writes headers of channels as text',
    WritesHeadersAsText,
    'channels: the header arrives, and both ways carry bytes',
    /the header to arrive as it was given/,
  ),
  broken(
    'refuses channels in its own words',
    RefusesInItsOwnWords,
    'channels: one that nobody takes is refused, or with the code that is given',
    /the code that was given to refuse\(\); it was GOSSIP_CHANNEL_REFUSED/,
  ),
  broken(
    'writes to the channel opened before',
    WritesToTheLastChannel,
    'channels: bytes of many at once arrive whole and unmixed',
    /writing and reading to (settle|succeed)/,
  ),
  broken(
    'ends both ways of a channel at once',
    EndsBothWays,
    'channels: each way ends by itself',
    /writing and reading to succeed; it failed with .*ACME_THAT_WAS_ALL/,
  ),
  broken(
    'waits for no reader',
    WaitsForNoReader,
    'channels: a slow reader stops its writer, and nobody else',
    /were taken and nobody had read any/,
  ),
  broken(
    'ends a channel that should be reset',
    EndsInPlaceOfAReset,
    'channels: a reset reaches the other side with its code',
    /that is reset to (fail|settle)/,
  ),
]
