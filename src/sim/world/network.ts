/** What becomes of a message between its sending and its arrivals: how late, how often, damaged or not at all. */

import { type JsonValue, jsonBytes } from '../../core/index.ts'
import { type Distribution, draw } from '../distribution.ts'
import { damaged } from './damage.ts'
import { Links } from './links.ts'

/** How the network behaves now; may be changed while it runs. Chances are in [0, 1]. */
export interface NetworkConditions {
  /** One way, ms. */
  latencyMs: Distribution
  lossChance: number
  /** That a message arrives twice. */
  duplicateChance: number
  /** That a message is held back so that later ones overtake it. */
  reorderChance: number
  /** How long, ms. */
  reorderMs: Distribution
  /** That a message arrives damaged, in a way its shape shows. */
  corruptChance: number
  /** Largest payload, bytes of JSON; larger ones are lost. Nodes are told of the first limit, not of changes. */
  maxMessageBytes: number
}

/** Counters since the start. Bytes are those of payloads as JSON. */
export interface NetworkStats {
  sent: number
  sentBytes: number
  digests: number
  digestBytes: number
  deltas: number
  deltasBytes: number
  delivered: number
  lost: number
  cut: number
  duplicated: number
  reordered: number
  corrupted: number
  tooLarge: number
  /** Nobody was there. */
  unreachable: number
}

/** One copy of a message under way. */
export interface Delivery {
  readonly delayMs: number
  readonly payload: JsonValue
  readonly isDamaged: boolean
}

/** What happened to a message, in a word, for the trace. */
export type Fate = 'sent' | 'lost' | 'cut' | 'too large'

/** Decides; draws from one stream of chance, in the order of sending. */
export class Network {
  readonly conditions: NetworkConditions
  /** Largest payload, as nodes are told of it when they start. */
  readonly declaredBytesMax: number
  readonly links: Links = new Links()
  readonly stats: NetworkStats = {
    sent: 0,
    sentBytes: 0,
    digests: 0,
    digestBytes: 0,
    deltas: 0,
    deltasBytes: 0,
    delivered: 0,
    lost: 0,
    cut: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    tooLarge: 0,
    unreachable: 0,
  }
  readonly #random: () => number
  readonly #encodes: boolean

  /** @param encodes - whether payloads travel as JSON text and are measured; else they are handed over as they are */
  constructor(conditions: NetworkConditions, encodes: boolean, random: () => number) {
    this.conditions = { ...conditions }
    this.declaredBytesMax = conditions.maxMessageBytes
    this.#encodes = encodes
    this.#random = random
  }

  /** Size of a payload, or 0 where sizes are not measured. */
  measure(payload: JsonValue): number {
    return this.#encodes ? jsonBytes(payload) : 0
  }

  /** Counts a message, and says what becomes of it. */
  judge(kind: 'digest' | 'deltas', from: string, to: string, bytes: number): Fate {
    const { stats, conditions } = this
    stats.sent++
    stats.sentBytes += bytes
    stats[kind === 'digest' ? 'digests' : 'deltas']++
    stats[kind === 'digest' ? 'digestBytes' : 'deltasBytes'] += bytes
    if (bytes > conditions.maxMessageBytes) {
      stats.tooLarge++
      return 'too large'
    }
    if (!this.links.isOpen(from, to)) {
      stats.cut++
      return 'cut'
    }
    if (this.#happens(conditions.lossChance)) {
      stats.lost++
      return 'lost'
    }
    return 'sent'
  }

  /** The copies that arrive of a message that was sent. */
  deliveries(payload: JsonValue): readonly Delivery[] {
    const text = this.#encodes ? JSON.stringify(payload) : undefined
    const copies = this.#happens(this.conditions.duplicateChance) ? 2 : 1
    this.stats.duplicated += copies - 1
    return Array.from({ length: copies }, () => this.#delivery(payload, text))
  }

  #delivery(payload: JsonValue, text: string | undefined): Delivery {
    const { latencyMs, reorderChance, reorderMs, corruptChance } = this.conditions
    let delayMs = draw(latencyMs, this.#random)
    if (this.#happens(reorderChance)) {
      this.stats.reordered++
      delayMs += draw(reorderMs, this.#random)
    }
    const copy = text === undefined ? payload : (JSON.parse(text) as JsonValue)
    if (!this.#happens(corruptChance)) return { delayMs, payload: copy, isDamaged: false }
    this.stats.corrupted++
    return { delayMs, payload: damaged(copy, this.#random), isDamaged: true }
  }

  /** Draws only where there is something to decide, so that an unused fault changes nothing. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#random() < chance
  }
}
