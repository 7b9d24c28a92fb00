/**
 * Who breaks rules is kept out for a while, and who does it again for longer. Offences are points on an address; points
 * fade with time, and so does the memory of how often it was kept out.
 */

import { assert } from '../../core/index.ts'

/** Bounds of a reputation. */
export interface ReputationLimits {
  /** Points at which an address is kept out, >= 1. */
  readonly offencePointsMax: number
  /** How long the first time, ms; twice as long each further time. */
  readonly banMs: number
  /** How long at most, ms. */
  readonly banMsMax: number
  /** Addresses that are remembered; the one that offended longest ago is forgotten. */
  readonly offendersMax: number
}

/** An address that is kept out from now on. */
export interface Ban {
  readonly banMs: number
  readonly untilMs: number
}

interface Offender {
  points: number
  /** When the points were last counted. */
  atMs: number
  /** How often it was kept out, as far as that is remembered. */
  bans: number
  untilMs: number
}

/** Points that fade each second. */
const POINTS_FADING_PER_SECOND = 1
/** A ban is forgotten after so many times its length without another. */
const FORGIVING_FACTOR = 4

/** Offences by address. Time comes in as an argument; every operation is O(1). */
export class Reputation {
  readonly #limits: ReputationLimits
  /** In the order of their last offence. */
  readonly #offenders = new Map<string, Offender>()

  /** @param limits - see {@link ReputationLimits} */
  constructor(limits: ReputationLimits) {
    assert(limits.offencePointsMax >= 1 && limits.banMs >= 1 && limits.offendersMax >= 1)
    this.#limits = limits
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#offenders.size
  }

  /** Whether an address is kept out now. */
  isBanned(key: string, nowMs: number): boolean {
    return nowMs < (this.#offenders.get(key)?.untilMs ?? -Infinity)
  }

  /**
   * Notes an offence. While it is kept out an address gathers no points: what was under way then is not its fault.
   *
   * @returns the ban that begins with this offence
   */
  charge(key: string, points: number, nowMs: number): Ban | undefined {
    const offender = this.#offenderOf(key, nowMs)
    if (nowMs < offender.untilMs) return undefined
    offender.points += points
    if (offender.points < this.#limits.offencePointsMax) return undefined
    const banMs = this.#banMs(offender.bans)
    offender.bans++
    offender.points = 0
    offender.untilMs = nowMs + banMs
    return { banMs, untilMs: offender.untilMs }
  }

  /** Brings an offender up to date, and to the end of the line. */
  #offenderOf(key: string, nowMs: number): Offender {
    const offender = this.#offenders.get(key) ?? { points: 0, atMs: nowMs, bans: 0, untilMs: -Infinity }
    offender.points = Math.max(0, offender.points - ((nowMs - offender.atMs) / 1_000) * POINTS_FADING_PER_SECOND)
    offender.atMs = nowMs
    this.#forgive(offender, nowMs)
    this.#offenders.delete(key)
    this.#offenders.set(key, offender)
    if (this.#offenders.size > this.#limits.offendersMax) this.#forgetOldest(nowMs)
    return offender
  }

  #forgive(offender: Offender, nowMs: number): void {
    while (offender.bans > 0) {
      const forgivenMs = offender.untilMs + this.#banMs(offender.bans - 1) * FORGIVING_FACTOR
      if (nowMs < forgivenMs) return
      offender.bans--
      offender.untilMs = forgivenMs
    }
  }

  /** Whoever is not kept out goes first: an address that offends from many others must not get itself forgotten. */
  #forgetOldest(nowMs: number): void {
    let looked = 0
    for (const [key, { untilMs }] of this.#offenders) {
      if (untilMs > nowMs && ++looked < LOOKED_AT_MAX) continue
      this.#offenders.delete(key)
      return
    }
  }

  #banMs(bans: number): number {
    return Math.min(this.#limits.banMsMax, this.#limits.banMs * 2 ** Math.min(bans, 40))
  }
}

/** How many are looked at to find one that can be forgotten without harm. */
const LOOKED_AT_MAX = 16
