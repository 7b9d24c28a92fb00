/**
 * The heartbeat plug-in: asks whoever has opened a session with this node and was silent for a while, and closes the
 * session of who stays silent. Whoever dialled does not ask: it notices by itself when what it waits for does not come.
 * Gossip judges whether a node lives; this judges whether a session does.
 */

import { InvalidOptionError, type Plugin, type PluginContext, type Session } from '../../core/index.ts'
import { PluginError } from './errors.ts'
import { Pulse, type PulseOptions, type ResolvedPulseOptions, resolvePulseOptions } from './pulse.ts'

/** How a heartbeat is made. */
export interface HeartbeatOptions extends PulseOptions {
  /**
   * Whether this node sleeps, as a page in the background does: asked, it says so, and is not asked again until it sends
   * something. @defaultValue it never does
   */
  readonly isSleeping?: (() => boolean) | undefined
}

/** Counters since the plug-in was made. */
export interface HeartbeatStats {
  readonly pings: number
  readonly pongs: number
  /** Looks at a session that asked nothing, since it was heard lately or sleeps. */
  readonly skips: number
  /** Sessions that were closed for silence. */
  readonly closed: number
}

/** The plug-in. */
export interface HeartbeatPlugin extends Plugin {
  readonly stats: HeartbeatStats
}

const TYPE = 'heartbeat'
const PING = 'ping'

/**
 * Makes the plug-in. Both sides need it to learn who sleeps; any other answer is a sign of life too.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function heartbeatPlugin(options: HeartbeatOptions = {}): HeartbeatPlugin {
  const { isSleeping = () => false, ...rest } = options
  if (typeof isSleeping !== 'function') throw new InvalidOptionError('isSleeping', 'a function', isSleeping)
  return new Heartbeat(resolvePulseOptions(rest), isSleeping)
}

class Heartbeat implements HeartbeatPlugin {
  readonly name = 'heartbeat'
  readonly eventMap: NonNullable<Plugin['eventMap']>
  readonly #options: ResolvedPulseOptions
  readonly #pulses = new Map<Session, Pulse>()
  readonly #counts = { pings: 0, pongs: 0, skips: 0, closed: 0 }
  #context: PluginContext | undefined

  constructor(options: ResolvedPulseOptions, isSleeping: () => boolean) {
    this.#options = options
    this.eventMap = { [TYPE]: { [PING]: () => ({ sleep: isSleeping() }) } }
  }

  get stats(): HeartbeatStats {
    return { ...this.#counts }
  }

  start(context: PluginContext): void {
    this.#context = context
  }

  stop(): void {
    for (const pulse of this.#pulses.values()) pulse.stop()
    this.#pulses.clear()
    this.#context = undefined
  }

  onConnection(session: Session): void {
    if (this.#context === undefined) return
    const context = this.#context
    const pulse = new Pulse(session, {
      system: context.system,
      options: this.#options,
      ask: (asked) => this.#ask(context, asked),
      onSkip: () => this.#counts.skips++,
      onSilent: (silent) => this.#onSilent(context, silent),
    })
    this.#pulses.set(session, pulse)
  }

  onClose(session: Session): void {
    this.#pulses.get(session)?.stop()
    this.#pulses.delete(session)
  }

  async #ask(context: PluginContext, session: Session): Promise<boolean> {
    this.#counts.pings++
    const timeoutMs = this.#options.silenceMs
    const answer = await context.request(session, TYPE, PING, undefined, { timeoutMs, signal: context.signal })
    this.#counts.pongs++
    return (Object(answer) as { sleep?: unknown }).sleep === true
  }

  #onSilent(context: PluginContext, session: Session): void {
    this.#counts.closed++
    const { id: peer } = session.remote
    const problem = `${peer} did not answer in ${this.#options.silenceMs} ms: its session is closed`
    context.tellError(new PluginError('GOSSIP_PEER_SILENT', problem, { plugin: this.name, peer }))
    void session.close(problem)
  }
}
