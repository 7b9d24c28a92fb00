/**
 * What news of a heartbeat does to a peer: the only place where a peer comes to life. Only a strict rise of
 * (generation, heartbeat) is life; a first sighting, repeated news and news from somebody who holds the peer dead are not.
 */

import { type Instant, LEFT_HEARTBEAT, type LifeNews, type Peer, UNHEARD } from './peer.ts'
import type { Detector } from './phi-detector.ts'

/** What readers must be told of a peer's life. */
export type LifeChange = 'live' | 'dead' | 'left' | undefined

/** Takes in news about a peer of the same generation. */
export function hear(peer: Peer, news: LifeNews, at: Instant, detector: Detector, pages: number): LifeChange {
  if (news.heartbeat < peer.heartbeat) return undefined
  if (news.heartbeat === peer.heartbeat) {
    takeLargerSilence(peer, news, at)
    return undefined
  }
  if (news.heartbeat === LEFT_HEARTBEAT) return leave(peer, news, at)
  if (news.silentMs !== undefined) return riseOfTheDead(peer, news, at, news.silentMs)
  const isFirst = peer.heartbeat === UNHEARD
  // Only a gap within one life says how regular its heartbeats are.
  if (!isFirst && peer.status !== 'unproven') detector.sample(peer.window, peer.activeSilenceMs(at), pages)
  peer.heartbeat = news.heartbeat
  peer.heardAt = at.now
  peer.heardActiveAt = at.active
  peer.heardVia = news.via
  if (peer.status === 'live' || (isFirst && peer.status === 'unproven')) return undefined
  peer.status = 'live'
  return 'live'
}

/** Judges a peer's silence; a conviction makes it dead. */
export function judge(peer: Peer, at: Instant, detector: Detector, pages: number): LifeChange {
  if (!peer.isHopeful) return undefined
  if (!detector.isConviction(detector.phi(peer.window, peer.activeSilenceMs(at), pages))) return undefined
  peer.status = 'dead'
  return 'dead'
}

/**
 * At equal heartbeats the larger silence is the truer one: somebody had already waited that long when I first heard.
 * This keeps newcomers from starting a dead peer's grace again, so that it is retired everywhere at once.
 */
function takeLargerSilence(peer: Peer, news: LifeNews, at: Instant): void {
  if (news.silentMs === undefined || peer.status === 'live') return
  peer.heardAt = Math.min(peer.heardAt, at.now - news.silentMs)
  peer.heardActiveAt = Math.min(peer.heardActiveAt, at.active - news.silentMs)
}

/** A rise told by somebody who holds the peer dead: the heartbeat counts, but it is no sign of life. */
function riseOfTheDead(peer: Peer, news: LifeNews, at: Instant, silentMs: number): LifeChange {
  peer.heartbeat = news.heartbeat
  if (peer.status === 'live') return undefined
  peer.heardAt = at.now - silentMs
  peer.heardActiveAt = at.active - silentMs
  // An earlier life said goodbye; this one did not.
  if (peer.status !== 'left') return undefined
  peer.status = 'dead'
  return 'dead'
}

function leave(peer: Peer, news: LifeNews, at: Instant): LifeChange {
  peer.heartbeat = LEFT_HEARTBEAT
  peer.heardAt = at.now - (news.silentMs ?? 0)
  peer.heardActiveAt = at.active - (news.silentMs ?? 0)
  peer.heardVia = news.via
  peer.status = 'left'
  return 'left'
}
