/**
 * What news of a heartbeat does to a peer: the only place where a peer comes to life. Only a strict rise of
 * (generation, heartbeat) is life; a first sighting, repeated news and news from somebody who holds the peer dead are not.
 */

import { before, type Instant, LEFT_HEARTBEAT, type LifeNews, type Peer, UNHEARD } from './peer.ts'
import { NO_ROW, type PeerTable } from './peer-table.ts'
import type { Detector } from './phi-detector.ts'
import { DEAD, KIND_BITS, LIVE, UNPROVEN } from './row-state.ts'

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
  const { table, row } = peer
  const viaRow = news.via === undefined ? NO_ROW : table.rowOf(news.via)
  return rise(table, { row, heartbeat: news.heartbeat, viaRow }, at, detector, pages)
}

/** A higher heartbeat of a row, and the row of who told. */
export interface Rise {
  readonly row: number
  readonly heartbeat: number
  readonly viaRow: number
}

/** Takes in a strict rise of a peer's heartbeat that is a sign of life, the commonest of all news. */
export function rise(table: PeerTable, news: Rise, at: Instant, detector: Detector, pages: number): LifeChange {
  const { row, heartbeat, viaRow } = news
  const beats = table.heartbeats.writable()
  const kind = table.kindOf(row)
  const isFirst = beats[row] === UNHEARD
  // Only a gap within one life says how regular its heartbeats are.
  if (!isFirst && kind !== UNPROVEN) {
    const silenceMs = Math.max(0, at.active - (table.heardActiveAts[row] as number))
    detector.sample(table.windows, row, silenceMs, pages)
  }
  beats[row] = heartbeat
  table.heardAts[row] = at.now
  table.heardActiveAts[row] = at.active
  table.heardViaRows[row] = viaRow
  if (kind === LIVE || (isFirst && kind === UNPROVEN)) return undefined
  table.setKind(row, LIVE)
  return 'live'
}

/** Judges the silence of a row; a conviction makes a peer dead. */
export function judge(table: PeerTable, row: number, at: Instant, detector: Detector, pages: number): LifeChange {
  const kind = (table.states[row] as number) & KIND_BITS
  if (kind !== LIVE && kind !== UNPROVEN) return undefined
  const silenceMs = Math.max(0, at.active - (table.heardActiveAts[row] as number))
  if (!detector.isConviction(detector.phi(table.windows, row, silenceMs, pages))) return undefined
  table.setKind(row, DEAD)
  return 'dead'
}

/**
 * At equal heartbeats the larger silence is the truer one: somebody had already waited that long when I first heard.
 * This keeps newcomers from starting a dead peer's grace again, so that it is retired everywhere at once.
 */
function takeLargerSilence(peer: Peer, news: LifeNews, at: Instant): void {
  if (news.silentMs === undefined || peer.status === 'live') return
  const { heardAt, heardActiveAt } = peer
  peer.setHeardAt({
    now: Math.min(heardAt, at.now - news.silentMs),
    active: Math.min(heardActiveAt, at.active - news.silentMs),
  })
}

/** A rise told by somebody who holds the peer dead: the heartbeat counts, but it is no sign of life. */
function riseOfTheDead(peer: Peer, news: LifeNews, at: Instant, silentMs: number): LifeChange {
  peer.heartbeat = news.heartbeat
  if (peer.status === 'live') return undefined
  peer.setHeardAt(before(at, silentMs))
  // An earlier life said goodbye; this one did not.
  if (peer.status !== 'left') return undefined
  peer.status = 'dead'
  return 'dead'
}

function leave(peer: Peer, news: LifeNews, at: Instant): LifeChange {
  peer.heartbeat = LEFT_HEARTBEAT
  peer.setHeardAt(before(at, news.silentMs ?? 0))
  peer.heardVia = news.via
  peer.status = 'left'
  return 'left'
}
