/**
 * How much one client may say. Whoever is over his quota is read later, so that his own channel fills and he has to
 * wait; nobody else does.
 */

/** What a quota allows. */
export interface QuotaLimits {
  readonly messagesPerSecondMax: number
  readonly bytesPerSecondMax: number
}

/** Two token buckets of a second's worth each, which may be overdrawn by one message. */
export class Quota {
  readonly #limits: QuotaLimits
  #messages: number
  #bytes: number
  #sinceMs: number

  /** @param nowMs - monotonic */
  constructor(limits: QuotaLimits, nowMs: number) {
    this.#limits = limits
    this.#messages = limits.messagesPerSecondMax
    this.#bytes = limits.bytesPerSecondMax
    this.#sinceMs = nowMs
  }

  /**
   * Takes off what was said.
   *
   * @returns how long to wait before more is read, ms; 0 within the quota
   */
  take(messages: number, bytes: number, nowMs: number): number {
    const { messagesPerSecondMax, bytesPerSecondMax } = this.#limits
    const seconds = Math.max(0, nowMs - this.#sinceMs) / 1_000
    this.#sinceMs = nowMs
    this.#messages = Math.min(messagesPerSecondMax, this.#messages + seconds * messagesPerSecondMax) - messages
    this.#bytes = Math.min(bytesPerSecondMax, this.#bytes + seconds * bytesPerSecondMax) - bytes
    const lackingSeconds = Math.max(-this.#messages / messagesPerSecondMax, -this.#bytes / bytesPerSecondMax, 0)
    return Math.ceil(lackingSeconds * 1_000)
  }
}
