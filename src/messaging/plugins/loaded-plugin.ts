/**
 * One plug-in as its host has it: checked, with its handlers by type and event, and with every call guarded, so that what
 * it throws harms nobody else.
 */

import { InvalidOptionError, isName, type Plugin, type PluginHandler, type Session } from '../../core/index.ts'
import { asError, messageOf } from '../errors.ts'
import { PluginError } from './errors.ts'

/** What a file of a folder exports, not yet believed. */
export interface FolderPlugin {
  readonly file: string
  readonly plugin: unknown
}

/** Functions that a plug-in may have and that are told something. */
export type Hook = 'onConnection' | 'onOpen' | 'onClose'

const FUNCTIONS = ['start', 'stop', 'onConnection', 'onOpen', 'onClose', 'onError'] as const

/** What a plug-in is told, and by whom. */
export class LoadedPlugin {
  readonly plugin: Plugin
  /** Its name, as it was when it was loaded. */
  readonly name: string
  readonly file: string | undefined
  readonly #handlers: ReadonlyMap<string, ReadonlyMap<string, PluginHandler>>
  readonly #controller = new AbortController()
  readonly #tellError: (error: Error) => void
  /** Whether it has started, and is told things. */
  isListening = false
  /** Whether it has stopped, so that it may not send any more. */
  isOver = false

  /**
   * @param plugin - as it was given
   * @param file - where it comes from
   * @param tellError - gets what it fails with
   * @throws {InvalidOptionError} it is no plug-in
   */
  constructor(plugin: unknown, file: string | undefined, tellError: (error: Error) => void) {
    this.plugin = checked(plugin)
    this.name = this.plugin.name
    this.file = file
    this.#handlers = handlersOf(this.plugin.eventMap)
    this.#tellError = tellError
  }

  /** Raised when it is unloaded. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Tells it nothing any more, and raises its signal. */
  silence(): void {
    this.isListening = false
    this.#controller.abort()
  }

  /** Whether it handles that event of that type. */
  handles(type: string, event: string): boolean {
    return this.isListening && this.#handlers.get(type)?.has(event) === true
  }

  /**
   * Gives it a message that it handles.
   *
   * @returns what its handler returns, once that has settled
   * @throws whatever the handler throws, after it was told
   */
  async handle(type: string, event: string, session: Session, message: unknown): Promise<unknown> {
    try {
      return await this.#handlers.get(type)?.get(event)?.call(this.plugin, session, message)
    } catch (thrown) {
      this.#fail(`${JSON.stringify(event)} of ${JSON.stringify(type)}`, thrown, session)
      throw thrown
    }
  }

  /** Tells it of a session. Never throws. */
  tell(hook: Hook, session: Session, error?: Error): void {
    if (!this.isListening) return
    const fail = (thrown: unknown): void => this.#fail(hook, thrown, session)
    guarded(() => this.plugin[hook]?.(session, error), fail)
  }

  /** Tells it of trouble that is not its own fault. Never throws. */
  tellTrouble(error: Error, session: Session | undefined): void {
    if (!this.isListening) return
    // What fails here is told to others only: told to it, it would fail again.
    const fail = (thrown: unknown): void => this.#tellError(this.failure('onError', thrown, session))
    guarded(() => this.plugin.onError?.(error, session), fail)
  }

  /** The error that says what it has failed at. */
  failure(what: string, cause: unknown, session?: Session): PluginError {
    const problem = `${what} of plug-in ${JSON.stringify(this.name)} failed: ${messageOf(cause)}`
    const facts = { plugin: this.name, file: this.file, peer: session?.remote.id, cause }
    return new PluginError('GOSSIP_PLUGIN_FAILED', problem, facts)
  }

  #fail(what: string, thrown: unknown, session: Session): void {
    this.tellTrouble(asError(thrown), session)
    this.#tellError(this.failure(what, thrown, session))
  }
}

/** Calls a function of the embedder that may throw, or reject later. */
function guarded(call: () => unknown, fail: (thrown: unknown) => void): void {
  try {
    const result = call()
    if (result instanceof Promise) result.catch(fail)
  } catch (thrown) {
    fail(thrown)
  }
}

function checked(plugin: unknown): Plugin {
  // Instances of classes are plug-ins too, so it need not be a plain object.
  if (typeof plugin !== 'object' || plugin === null) throw new InvalidOptionError('plugin', 'an object', plugin)
  const { name } = plugin as Partial<Plugin>
  if (!isName(name)) throw new InvalidOptionError('plugin.name', 'a text of 1 to 256 bytes', name)
  for (const key of FUNCTIONS) {
    const value = (plugin as Partial<Plugin>)[key]
    if (value !== undefined && typeof value !== 'function') {
      throw new InvalidOptionError(`plugin.${key}`, 'a function', value)
    }
  }
  return plugin as Plugin
}

function handlersOf(eventMap: unknown): ReadonlyMap<string, ReadonlyMap<string, PluginHandler>> {
  return new Map(
    entriesOf('eventMap', eventMap ?? {}).map(([type, events]) => {
      const handlers = entriesOf(`eventMap.${type}`, events).map(([event, handler]): [string, PluginHandler] => {
        if (typeof handler === 'function') return [event, handler as PluginHandler]
        throw new InvalidOptionError(`eventMap.${type}.${event}`, 'a function', handler)
      })
      return [type, new Map(handlers)]
    }),
  )
}

function entriesOf(what: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) throw new InvalidOptionError(what, 'an object', value)
  const entries = Object.entries(value)
  const bad = entries.find(([name]) => !isName(name))
  if (bad !== undefined) throw new InvalidOptionError(`a name in ${what}`, 'a text of 1 to 256 bytes', bad[0])
  return entries
}
