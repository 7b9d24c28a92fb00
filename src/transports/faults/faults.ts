/** What a user of a faulty transport sees of its faults: what they did, and the means to change them while it runs. */

import type { JsonValue } from '../../core/index.ts'
import type { FaultSettings, ResolvedFaultSettings } from './options.ts'

/**
 * Counts since the beginning. A message sent twice is two copies from there on, and every copy ends in one way:
 * `sent` + `duplicated` = `passed` + `lost` + `cut` + `dropped` + `held`.
 */
export interface FaultStats {
  /** Messages handed over by the node. */
  readonly sent: number
  /** Copies handed to the inner transport. */
  readonly passed: number
  readonly lost: number
  readonly duplicated: number
  /** Copies that waited for their delay. */
  readonly delayed: number
  /** Copies that were held back so that another could overtake. */
  readonly reordered: number
  /** Copies that passed damaged. */
  readonly corrupted: number
  /** Copies for a partner that was cut off. */
  readonly cut: number
  /** Copies for which there was no room to wait, or that waited when the transport was closed. */
  readonly dropped: number
  /** Copies that wait now. */
  readonly held: number
}

/** The faults of one transport. */
export interface Faults {
  /** What the dice started from: give it again to see the same. */
  readonly seed: number
  /** What is in force. */
  readonly settings: ResolvedFaultSettings
  /** What happened so far, at this moment. */
  readonly stats: FaultStats
  /**
   * Changes settings from the next message on; what is not named stays. Messages that wait keep their delay.
   *
   * @throws {InvalidOptionError} a setting is unknown or out of range; nothing was changed
   */
  set(settings: FaultSettings): void
  /**
   * Cuts these partners off, besides those that are. Nothing goes out to them any more, nor does what waits; what
   * comes from them is theirs to cut, so a partition needs both sides to be wrapped.
   *
   * @param addresses - as they travel; `{host, port}` and `'host:port'` are the same partner
   */
  partition(...addresses: readonly JsonValue[]): void
  /** Lets messages to these partners through again; to all of them if none is named. `isCut` is not touched. */
  heal(...addresses: readonly JsonValue[]): void
  /** Drops what waits, as `close` does; for transports that have no `close`. */
  dropHeld(): void
}
