/**
 * Finds out whether the other side is still there: after some silence it is asked, after a longer one it counts as lost.
 * Time that this process did not run is no silence of the other side's.
 */

import type { System } from '../../core/index.ts'

/** What is watched. */
export interface KeepAlivePorts {
  /** Since when the other side takes nothing of what waits for it, ms of the system's clock. */
  blockedSinceMs(): number | undefined
  /** Asks the other side whether it is there. */
  ping(): void
  /** It has been silent, or has taken nothing, for too long. */
  onLost(): void
}

/** Looks after one session. */
export class KeepAlive {
  readonly #system: Pick<System, 'now' | 'startTimer'>
  readonly #keepAliveMs: number
  readonly #silenceTimeoutMs: number
  readonly #ports: KeepAlivePorts
  #lastHeardMs: number
  #cancelTimer: () => void = () => {}
  #probes: { readonly settle: (isAlive: boolean) => void; readonly cancel: () => void }[] = []

  /** @param limits - silence before it is asked, and before it is given up, ms */
  constructor(
    system: Pick<System, 'now' | 'startTimer'>,
    limits: { readonly keepAliveMs: number; readonly silenceTimeoutMs: number },
    ports: KeepAlivePorts,
  ) {
    this.#system = system
    this.#keepAliveMs = limits.keepAliveMs
    this.#silenceTimeoutMs = limits.silenceTimeoutMs
    this.#ports = ports
    this.#lastHeardMs = system.now()
  }

  /** Begins to watch. */
  start(): void {
    this.#arm(this.#keepAliveMs)
  }

  /** Stops; whoever waits for a probe is told that nobody is there. */
  stop(): void {
    this.#cancelTimer()
    this.#settleProbes(false)
  }

  /** Something arrived. */
  heard(): void {
    this.#lastHeardMs = this.#system.now()
    if (this.#probes.length > 0) this.#settleProbes(true)
  }

  /** Asks now. Resolves with whether anything comes within the time. */
  probe(timeoutMs: number): Promise<boolean> {
    return new Promise((settle) => {
      const probe = {
        settle,
        cancel: this.#system.startTimer(() => {
          this.#probes = this.#probes.filter((other) => other !== probe)
          settle(false)
        }, timeoutMs),
      }
      this.#probes.push(probe)
      this.#ports.ping()
    })
  }

  #arm(delayMs: number): void {
    const dueMs = this.#system.now() + delayMs
    this.#cancelTimer = this.#system.startTimer(() => this.#look(dueMs), delayMs)
  }

  #look(dueMs: number): void {
    const nowMs = this.#system.now()
    const sleptMs = nowMs - dueMs
    // What arrived meanwhile waits to be read, and is read before the next look.
    if (sleptMs > this.#keepAliveMs) this.#lastHeardMs = Math.min(nowMs, this.#lastHeardMs + sleptMs)
    const silenceMs = nowMs - this.#lastHeardMs
    const blockedMs = nowMs - (this.#ports.blockedSinceMs() ?? nowMs) - Math.max(0, sleptMs)
    if (silenceMs >= this.#silenceTimeoutMs || blockedMs >= this.#silenceTimeoutMs) {
      this.#ports.onLost()
      return
    }
    if (silenceMs >= this.#keepAliveMs) this.#ports.ping()
    const restMs = this.#silenceTimeoutMs - Math.max(silenceMs, blockedMs)
    this.#arm(Math.max(1, Math.min(this.#keepAliveMs, restMs)))
  }

  #settleProbes(isAlive: boolean): void {
    for (const { settle, cancel } of this.#probes.splice(0)) {
      cancel()
      settle(isAlive)
    }
  }
}
