/** What cases about sessions do again and again: open them and their channels, write, read, and wait for how it ends. */

import type { Channel, ChannelOffer, JsonValue, Session } from '../../core/index.ts'
import { described, errorProblem } from './error-rules.ts'
import type { Peer } from './peer.ts'
import type { Scene } from './scene.ts'

/** Both ends of a session. */
export interface SessionEnds {
  /** At the one who dialled. */
  readonly ours: Session
  readonly theirs: Session
}

/** The session that one peer dials to another, with its other end. */
export async function sessionEnds(scene: Scene, from: Peer, to: Peer): Promise<SessionEnds> {
  const ours = await connected(scene, from, to)
  const theirs = await inboundSession(scene, to, from)
  return { ours, theirs }
}

/** What `connect` gives. */
export function connected(scene: Scene, from: Peer, to: Peer): Promise<Session> {
  return scene.within('Sessions', `connect() of ${from.id}`, () => connect(from, to.ref))
}

/** The newest session that a peer was told of and that is open. */
export async function inboundSession(scene: Scene, peer: Peer, from: Peer): Promise<Session> {
  const found = (): Session | undefined =>
    peer.sessions.findLast((session) => session.remote.id === from.id && !session.isClosed)
  await scene.until('Sessions', `${peer.id} to be told the session of ${from.id}`, () => found() !== undefined)
  return found() as Session
}

/** Calls `connect`, which the fixture declares. */
export async function connect(
  from: Peer,
  to: { readonly id?: string; readonly transport: JsonValue },
  signal?: AbortSignal,
): Promise<Session> {
  const { transport } = from
  if (transport.connect === undefined) throw new Error('the transport has no connect')
  return transport.connect(to, { signal })
}

/** A channel, with the end that the other side has taken. */
export async function channelEnds(
  scene: Scene,
  { ours, theirs }: SessionEnds,
  header: JsonValue = 'a channel',
): Promise<readonly [Channel, Channel]> {
  const taken: Channel[] = []
  const take = (offer: ChannelOffer): void => void taken.push(offer.accept())
  theirs.on('channel', take)
  const opened = await scene.within('Sessions', 'open()', () => ours.open(header))
  theirs.off('channel', take)
  const [other] = taken
  if (other === undefined)
    scene.fail('Sessions', 'open() to resolve once the channel is taken', 'nobody was offered it')
  return [opened, other as Channel]
}

/** Writes all and ends. */
export async function writeAll(
  { writable }: Channel,
  bytes: Uint8Array,
  pieceBytes: number = bytes.length,
): Promise<void> {
  const writer = writable.getWriter()
  for (let at = 0; at < bytes.length; at += pieceBytes) await writer.write(bytes.slice(at, at + pieceBytes))
  await writer.close()
}

/** Reads to the end. */
export async function readAll({ readable }: Channel): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const reader = readable.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value)
  const all = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** Bytes that differ from one place, and from one seed, to the next. */
export function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 101) & 0xff)
}

/** Where two runs of bytes differ, in words; undefined if they do not. */
export function byteDifference(expected: Uint8Array, actual: Uint8Array): string | undefined {
  if (expected.length !== actual.length) return `${actual.length} bytes came in place of ${expected.length}`
  const at = expected.findIndex((byte, i) => byte !== actual[i])
  return at < 0 ? undefined : `byte ${at} was ${actual[at]} in place of ${expected[at]}`
}

/** Waits until something fails, and gives its code; anything without a stable code, and success, fail the case. */
export async function failureCode(scene: Scene, what: string, call: () => unknown): Promise<string> {
  const outcome = await scene.within('Sessions', what, async () => {
    try {
      await call()
      return undefined
    } catch (error) {
      return { error }
    }
  })
  if (outcome === undefined) return scene.fail('Sessions', `${what} to fail`, 'it succeeded')
  const problem = errorProblem(outcome.error)
  if (problem !== undefined) scene.fail('Sessions', `${what} to fail with an error that has a stable code`, problem)
  return (outcome.error as { code: string }).code
}

/** Notes how a session ends. */
export function closeOf(session: Session): { readonly isTold: boolean; readonly text: string; readonly times: number } {
  const told: (Error | undefined)[] = []
  session.on('close', (error) => told.push(error))
  return {
    get isTold() {
      return told.length > 0
    },
    get times() {
      return told.length
    },
    /** The code, or `on purpose`. */
    get text() {
      const [error] = told
      return error === undefined ? 'on purpose' : ((error as { code?: string }).code ?? described(error))
    },
  }
}
