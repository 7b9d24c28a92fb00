/**
 * What a connection has waited for too long. One timer looks at all connections now and then: a deadline need not be
 * met to the millisecond, and ten thousand timers would be re-armed with every chunk.
 */

import type { Connection } from './connection.ts'
import type { TcpLimits } from './options.ts'

/**
 * A deadline that has passed: to open; to send a first byte or answer a hello; to finish a line; to take what waits;
 * to say anything at all; to end after being refused.
 */
export type Deadline = 'connect' | 'handshake' | 'frame' | 'stalled' | 'idle' | 'muted'

/** What a deadline depends on. */
export type ConnectionFacts = Pick<
  Connection,
  | 'purpose'
  | 'isHandedOver'
  | 'openedMs'
  | 'mutedMs'
  | 'frameStartedMs'
  | 'frameBytes'
  | 'paceBytesLeft'
  | 'pausedSinceMs'
  | 'blockedSinceMs'
  | 'lastProgressMs'
  | 'wasOpened'
  | 'bytesRead'
  | 'hasSpoken'
  | 'hasEnded'
  | 'hello'
>

/** How long a refused peer may take to read why. */
const MUTED_TIMEOUT_MS = 1_000
/** How long a message may take however few bytes of it have come: a slow start is no drip. */
const FRAME_GRACE_MS = 5_000

/** The deadline that a connection has missed, if any. */
export function missedDeadline(connection: ConnectionFacts, nowMs: number, limits: TcpLimits): Deadline | undefined {
  if (connection.isHandedOver) return undefined
  const { openedMs, mutedMs, frameStartedMs, blockedSinceMs, lastProgressMs, pausedSinceMs } = connection
  if (mutedMs !== undefined) return nowMs - mutedMs > MUTED_TIMEOUT_MS ? 'muted' : undefined
  if (!connection.wasOpened) return nowMs - openedMs > limits.connectTimeoutMs ? 'connect' : undefined
  if (blockedSinceMs !== undefined && nowMs - blockedSinceMs > limits.idleTimeoutMs) return 'stalled'
  // What is not read cannot be late.
  if (pausedSinceMs !== undefined) return undefined
  if (isAwaited(connection) && nowMs - awaitedSinceMs(connection) > limits.handshakeTimeoutMs) return 'handshake'
  if (frameStartedMs !== undefined && nowMs - frameStartedMs > frameTimeMs(connection, limits)) return 'frame'
  return nowMs - lastProgressMs > limits.idleTimeoutMs ? 'idle' : undefined
}

/** How often to look, so that a deadline is missed by a quarter of itself at most, ms. */
export function deadlinePeriodMs(limits: TcpLimits): number {
  const { connectTimeoutMs, handshakeTimeoutMs, frameTimeoutMs, idleTimeoutMs } = limits
  const shortestMs = Math.min(connectTimeoutMs, handshakeTimeoutMs, frameTimeoutMs, idleTimeoutMs)
  return Math.max(5, Math.min(1_000, Math.floor(shortestMs / 4)))
}

/**
 * A dialler that has said nothing, or a peer that has not answered the hello on a connection that is to last. Blank
 * lines say nothing; who has begun a message has its deadline.
 */
function isAwaited({ purpose, bytesRead, hasSpoken, frameStartedMs, hasEnded, hello }: ConnectionFacts): boolean {
  if (purpose === 'bulk') return bytesRead === 0
  if (purpose === 'inbound') return !hasSpoken && !hasEnded && frameStartedMs === undefined
  return purpose === 'lane' && hello === undefined && !hasEnded
}

/** A pause moves the last progress forward, and nothing else does while nothing was said. */
function awaitedSinceMs({ purpose, openedMs, lastProgressMs, bytesRead }: ConnectionFacts): number {
  return purpose === 'inbound' && bytesRead > 0 ? openedMs : lastProgressMs
}

/** How long the message that is arriving may take: the longer, the more of it has come. A transfer has a pace of its own. */
function frameTimeMs({ frameBytes, paceBytesLeft }: ConnectionFacts, limits: TcpLimits): number {
  if (paceBytesLeft !== undefined) return limits.frameTimeoutMs
  return Math.min(limits.frameTimeoutMs, FRAME_GRACE_MS + (frameBytes / limits.frameBytesPerSecondMin) * 1_000)
}
