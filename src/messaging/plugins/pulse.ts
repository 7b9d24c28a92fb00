/** Whether the other side of one session lives: it is asked when it was silent for a while, and given up when it stays so. */

import { integerIn, looseOptions, type Session, type System } from '../../core/index.ts'
import { TIME_MS_MAX } from '../options.ts'

/** When to ask, and when to give up. */
export interface PulseOptions {
  /** Least time between two looks at a session, ms. @defaultValue 3_000 */
  readonly intervalMs?: number | undefined
  /** Up to so much is added to each interval by chance, so that sessions are not all asked at once, ms. @defaultValue 1_000 */
  readonly jitterMs?: number | undefined
  /** Who was heard less than this ago is not asked, ms. @defaultValue 10_000 */
  readonly quietMs?: number | undefined
  /** Who stays silent for so long after he was asked is given up, ms. @defaultValue 60_000 */
  readonly silenceMs?: number | undefined
}

/** Options with every field filled. */
export type ResolvedPulseOptions = Readonly<{ [name in keyof PulseOptions]-?: number }>

const DEFAULTS: ResolvedPulseOptions = Object.freeze({
  intervalMs: 3_000,
  jitterMs: 1_000,
  quietMs: 10_000,
  silenceMs: 60_000,
})
const LEAST: ResolvedPulseOptions = { intervalMs: 1, jitterMs: 0, quietMs: 0, silenceMs: 1 }

/** Names of the options. */
export const PULSE_OPTION_NAMES = Object.keys(DEFAULTS) as readonly (keyof PulseOptions)[]

/** What a pulse asks of its plug-in. */
export interface PulsePorts {
  readonly system: System
  readonly options: ResolvedPulseOptions
  /** Asks the other side; resolves with whether it sleeps, rejects when there was no proper answer in `silenceMs`. */
  ask(session: Session): Promise<boolean>
  /** It was not asked, since it was heard lately or sleeps. */
  onSkip(): void
  /** It was asked and stayed silent. Told once. */
  onSilent(session: Session): void
}

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function resolvePulseOptions(options: PulseOptions): ResolvedPulseOptions {
  const given = looseOptions(options, 'options', PULSE_OPTION_NAMES)
  const resolved: { -readonly [name in keyof ResolvedPulseOptions]: number } = { ...DEFAULTS }
  for (const name of PULSE_OPTION_NAMES) {
    if (given[name] !== undefined) resolved[name] = integerIn(name, given[name], LEAST[name], TIME_MS_MAX)
  }
  return Object.freeze(resolved)
}

/** The pulse of one session, felt from its construction until `stop`. */
export class Pulse {
  readonly #session: Session
  readonly #ports: PulsePorts
  /** When the last frame was heard, of any kind: each is a sign of life. */
  #heardAt: number
  #isSleeping = false
  #isAsking = false
  #isStopped = false
  #cancel: () => void = () => {}
  readonly #onFrame = (): void => {
    this.#heardAt = this.#ports.system.now()
    this.#isSleeping = false
  }

  constructor(session: Session, ports: PulsePorts) {
    this.#session = session
    this.#ports = ports
    this.#heardAt = ports.system.now()
    session.on('frame', this.#onFrame)
    this.#plan()
  }

  /** Asks no more, and listens no more. May be called again. */
  stop(): void {
    this.#isStopped = true
    this.#cancel()
    this.#session.off('frame', this.#onFrame)
  }

  #plan(): void {
    const { system, options } = this.#ports
    const delayMs = Math.min(options.intervalMs + system.random() * options.jitterMs, TIME_MS_MAX)
    this.#cancel = system.startTimer(() => {
      this.#plan()
      this.#beat()
    }, delayMs)
  }

  #beat(): void {
    if (this.#isAsking) return
    const { system, options } = this.#ports
    if (this.#isSleeping || system.now() - this.#heardAt < options.quietMs) this.#ports.onSkip()
    else void this.#ask()
  }

  async #ask(): Promise<void> {
    const { system, options } = this.#ports
    const askedAt = system.now()
    this.#isAsking = true
    try {
      const isSleeping = await this.#ports.ask(this.#session)
      this.#isSleeping = isSleeping
    } catch {
      // Whatever was heard meanwhile, be it a refusal, shows that the other side lives.
      if (this.#isStopped || this.#session.isClosed || this.#heardAt >= askedAt) return
      if (system.now() - askedAt < options.silenceMs) return // It could not be asked: the next look tries again.
      this.stop()
      this.#ports.onSilent(this.#session)
    } finally {
      this.#isAsking = false
    }
  }
}
