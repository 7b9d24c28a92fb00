/** What becomes of a message between its sending and its arrivals: how late, how often, damaged or not at all. */

import { digestBytes, type JsonValue, jsonBytes, type OutMessage } from '../../core/index.ts'
import { type Distribution, draw } from '../distribution.ts'
import { damaged } from './damage.ts'
import { Links } from './links.ts'

/**
 * `json`: payloads travel as JSON text. `measured`: they are handed over as they are, and their size as JSON is counted.
 * `none`: not even that.
 */
export type Encoding = 'json' | 'measured' | 'none'

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
  readonly content: Pick<OutMessage, 'payload' | 'body'>
  readonly isDamaged: boolean
}

/** What happened to a message, in a word, for the trace. */
export type Fate = 'sent' | 'lost' | 'cut' | 'too large'

interface Encoded {
  readonly payload: JsonValue
  readonly text: string
  readonly bytes: number
}

const encoder = new TextEncoder()

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
  readonly #encoding: Encoding
  #last: Encoded | undefined

  constructor(conditions: NetworkConditions, encoding: Encoding, random: () => number) {
    this.conditions = { ...conditions }
    this.declaredBytesMax = conditions.maxMessageBytes
    this.#encoding = encoding
    this.#random = random
  }

  /** Size of a message's payload, or 0 where sizes are not measured. */
  measure(message: OutMessage): number {
    if (this.#encoding === 'json') return this.#encode(message).bytes
    if (this.#encoding === 'none') return 0
    return message.body === undefined ? jsonBytes(message.payload) : digestBytes(message.body)
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
  deliveries(message: OutMessage): readonly Delivery[] {
    const copies = this.#happens(this.conditions.duplicateChance) ? 2 : 1
    this.stats.duplicated += copies - 1
    return Array.from({ length: copies }, () => this.#delivery(message))
  }

  #delivery(message: OutMessage): Delivery {
    const { latencyMs, reorderChance, reorderMs, corruptChance } = this.conditions
    let delayMs = draw(latencyMs, this.#random)
    if (this.#happens(reorderChance)) {
      this.stats.reordered++
      delayMs += draw(reorderMs, this.#random)
    }
    const isDamaged = this.#happens(corruptChance)
    if (this.#encoding !== 'json' && !isDamaged) return { delayMs, content: message, isDamaged }
    const payload = JSON.parse(this.#encode(message).text) as JsonValue
    if (!isDamaged) return { delayMs, content: { payload }, isDamaged }
    this.stats.corrupted++
    return { delayMs, content: { payload: damaged(payload, this.#random) }, isDamaged }
  }

  /** A digest goes to several peers in a row, and is encoded once. */
  #encode({ payload }: OutMessage): Encoded {
    if (this.#last?.payload !== payload) {
      const text = JSON.stringify(payload)
      this.#last = { payload, text, bytes: encoder.encode(text).length }
    }
    return this.#last
  }

  /** Draws only where there is something to decide, so that an unused fault changes nothing. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#random() < chance
  }
}
