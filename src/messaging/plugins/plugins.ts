/**
 * The plug-ins of one messenger: loads and unloads them, tells them of sessions and trouble, and brings messages to
 * whoever handles them.
 */

import type {
  LoadedPlugins,
  Plugin,
  PluginContext,
  PluginHost,
  PluginNode,
  SafeEmitter,
  Session,
  System,
} from '../../core/index.ts'
import { withDeadline } from '../deadline.ts'
import { MessagingError, messageOf } from '../errors.ts'
import type { MessageContext } from '../handler.ts'
import type { LibraryArea } from '../library-area.ts'
import type { MessagingNode } from '../lines.ts'
import type { MessengerEvents } from '../messenger-events.ts'
import type { Payload } from '../payload.ts'
import { PluginError } from './errors.ts'
import { type FolderPlugin, LoadedPlugin } from './loaded-plugin.ts'
import { decodePluginMessage, encodePluginMessage, type PluginMessage } from './plugin-message.ts'

/** What plug-ins need of their messenger. */
export interface PluginsPorts {
  readonly node: MessagingNode
  readonly options: { readonly system: System; readonly pluginsMax: number; readonly pluginTimeoutMs: number }
  readonly area: LibraryArea
  readonly emitter: SafeEmitter<MessengerEvents>
  readFolder(folder: string | URL, filesMax: number): Promise<readonly FolderPlugin[]>
  tellError(error: Error): void
}

/** Counters since the messenger was made. */
export interface PluginsStats {
  /** Messages and requests that no plug-in handled. */
  readonly unhandled: number
  /** Messages that were not handled, or whose handler threw, or that could not be read. */
  readonly failedSends: number
}

/** What can be seen of the plug-ins of a node. */
export interface PluginsView {
  /** Names of those that are loaded, in the order they were. */
  readonly names: readonly string[]
  readonly stats: PluginsStats
}

/** One for all, since type and event are in the message. */
const MESSAGE = 'message'
const FAILED = Symbol('failed')

/** The host of one messenger. */
export class Plugins implements PluginHost, PluginsView {
  readonly #ports: PluginsPorts
  readonly #plugins = new Map<string, LoadedPlugin>()
  readonly #sessions = new Set<Session>()
  /** Errors that a plug-in has told: they are not told to plug-ins again. */
  readonly #told = new WeakSet<Error>()
  readonly #stopping = new Map<LoadedPlugin, Promise<void>>()
  #isClosed = false
  #unhandled = 0
  #failedSends = 0

  /** It hosts the plug-ins of its node from now on. */
  constructor(ports: PluginsPorts) {
    this.#ports = ports
    ports.area.handle(MESSAGE, (payload, context) => this.#take(payload, context))
    ports.emitter.on('connect', (session) => this.#onOpen(session))
    ports.emitter.on('disconnect', (session, error) => this.#onOver(session, error))
    ports.emitter.on('error', (error) => this.#onError(error))
    ports.node.hostPlugins?.(this)
  }

  get names(): readonly string[] {
    return [...this.#plugins.values()].filter(({ isListening }) => isListening).map(({ name }) => name)
  }

  get stats(): PluginsStats {
    return { unhandled: this.#unhandled, failedSends: this.#failedSends }
  }

  /** Loads a plug-in, or all of a folder or none; see `Gossipmonger.use`. */
  async use(plugin: Plugin | string | URL, node: PluginNode): Promise<LoadedPlugins> {
    const isFolder = typeof plugin === 'string' || plugin instanceof URL
    const loaded: LoadedPlugin[] = []
    try {
      this.#assertOpen()
      const room = this.#ports.options.pluginsMax - this.#plugins.size
      const found = isFolder ? await this.#ports.readFolder(plugin, room) : [{ file: undefined, plugin }]
      for (const { file, plugin: one } of found) loaded.push(await this.#load(one, file, node))
    } catch (error) {
      await this.#unload(loaded)
      throw error
    }
    return { names: loaded.map(({ name }) => name), unload: () => this.#unload(loaded) }
  }

  /** Unloads all, and hosts nobody any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#ports.node.hostPlugins?.(undefined)
    await this.#unload([...this.#plugins.values()])
  }

  async #load(plugin: unknown, file: string | undefined, node: PluginNode): Promise<LoadedPlugin> {
    this.#assertOpen()
    const one = this.#admitted(plugin, file)
    this.#plugins.set(one.name, one)
    try {
      await this.#start(one, node)
    } catch (cause) {
      this.#forget(one)
      const problem = `plug-in ${JSON.stringify(one.name)}${placeOf(file)} did not start: ${messageOf(cause)}`
      throw new PluginError('GOSSIP_PLUGIN_START_FAILED', problem, { plugin: one.name, file, cause })
    }
    if (this.#isClosed) {
      await this.#stop(one)
      this.#forget(one)
      this.#assertOpen()
    }
    one.isListening = true
    for (const session of this.#sessions) one.tell(hookOf(session), session)
    return one
  }

  #forget(one: LoadedPlugin): void {
    one.silence()
    one.isOver = true
    if (this.#plugins.get(one.name) === one) this.#plugins.delete(one.name)
  }

  #admitted(plugin: unknown, file: string | undefined): LoadedPlugin {
    const one = this.#checked(plugin, file)
    const facts = { plugin: one.name, file }
    if (this.#plugins.has(one.name)) {
      const problem = `a plug-in ${JSON.stringify(one.name)} is loaded already${file === undefined ? '' : `: see ${file}`}`
      throw new PluginError('GOSSIP_PLUGIN_TAKEN', problem, facts)
    }
    const { pluginsMax } = this.#ports.options
    if (this.#plugins.size < pluginsMax) return one
    throw new PluginError('GOSSIP_PLUGIN_LIMIT', `${pluginsMax} plug-ins are loaded already`, facts)
  }

  #checked(plugin: unknown, file: string | undefined): LoadedPlugin {
    try {
      return new LoadedPlugin(plugin, file, (error) => this.#tellError(error))
    } catch (cause) {
      if (file === undefined) throw cause
      const problem = `what ${file} exports is no plug-in: ${messageOf(cause)}`
      throw new PluginError('GOSSIP_PLUGIN_MISSING', problem, { file, cause })
    }
  }

  async #start(one: LoadedPlugin, node: PluginNode): Promise<void> {
    const { system, pluginTimeoutMs: timeoutMs } = this.#ports.options
    const context = this.#contextOf(one, node)
    const starting = (async () => one.plugin.start?.(context))()
    let isWaitedFor = true
    const timeoutError = (): Error => new Error(`it took longer than ${timeoutMs} ms`)
    try {
      await withDeadline({ system, timeoutMs, signal: one.signal, timeoutError }, async () => {
        await starting
        isWaitedFor = false
      })
    } catch (error) {
      // A start that comes to its end when nobody waits any more has begun things that must end too.
      if (isWaitedFor) void starting.then(() => this.#stop(one)).catch(() => {})
      throw error
    }
  }

  /** Silences them at once, and stops them one after the other, the last first. Never rejects. */
  async #unload(plugins: readonly LoadedPlugin[]): Promise<void> {
    const inReverse = [...plugins].reverse()
    let before: Promise<void> = Promise.resolve()
    for (const one of inReverse) {
      if (one.isListening) {
        before = this.#stopAfter(before, one)
        this.#stopping.set(one, before)
      }
      one.silence()
    }
    await Promise.all(inReverse.map((one) => this.#stopping.get(one) ?? Promise.resolve()))
  }

  async #stopAfter(before: Promise<void>, one: LoadedPlugin): Promise<void> {
    await before
    await this.#stop(one)
    if (this.#plugins.get(one.name) === one) this.#plugins.delete(one.name)
    this.#stopping.delete(one)
  }

  /** Lets it stop. Never rejects. */
  async #stop(one: LoadedPlugin): Promise<void> {
    const { system, pluginTimeoutMs: timeoutMs } = this.#ports.options
    const timeoutError = (): Error => new Error(`it took longer than ${timeoutMs} ms`)
    try {
      await withDeadline({ system, timeoutMs, signal: undefined, timeoutError }, async () => one.plugin.stop?.())
    } catch (thrown) {
      this.#tellError(one.failure('stop', thrown))
    }
    one.isOver = true
  }

  #contextOf(one: LoadedPlugin, node: PluginNode): PluginContext {
    const { area, emitter, options } = this.#ports
    const sessions = this.#sessions
    const assertUsable = (): void => {
      if (!one.isOver) return
      const problem = `plug-in ${JSON.stringify(one.name)} was unloaded`
      throw new PluginError('GOSSIP_PLUGIN_UNLOADED', problem, { plugin: one.name })
    }
    return {
      id: node.id,
      node,
      system: options.system,
      signal: one.signal,
      get roles() {
        return { client: node.transport.connect !== undefined, server: (node.address ?? null) !== null }
      },
      get sessions() {
        return [...sessions]
      },
      send: async (to, type, event, message) => {
        assertUsable()
        const bytes = encodePluginMessage(type, event, message)
        return typeof to === 'string' ? area.send(to, MESSAGE, bytes) : area.sendOn(to, MESSAGE, bytes)
      },
      request: async (to, type, event, message, { timeoutMs, signal } = {}) => {
        assertUsable()
        const bytes = encodePluginMessage(type, event, message)
        const rest = { timeoutMs, signal }
        return typeof to === 'string'
          ? area.request(to, MESSAGE, bytes, rest)
          : area.requestOn(to, MESSAGE, bytes, rest)
      },
      tellError: (error) => this.#tellError(error),
      log: (text, facts) => void emitter.emit('log', { plugin: one.name, text, facts }),
    }
  }

  async #take(payload: Payload, { from, way, session }: MessageContext): Promise<unknown> {
    const message = decodePluginMessage(payload)
    if (session === undefined || message === undefined) return this.#refuse(from, way, session)
    const plugins = [...this.#plugins.values()].filter((one) => one.handles(message.type, message.event))
    if (way === 'request') return this.#answer(plugins, message, session)
    const results = await Promise.all(
      plugins.map((one) => one.handle(message.type, message.event, session, message.message).catch(() => FAILED)),
    )
    if (results.includes(FAILED)) this.#failedSends++
    if (results.some((result) => result !== false)) return undefined
    this.#failedSends++
    this.#ports.tellError(this.#unhandledError(message, from))
    return undefined
  }

  async #answer(plugins: readonly LoadedPlugin[], message: PluginMessage, session: Session): Promise<unknown> {
    for (const one of plugins) {
      if (!one.isListening) continue
      const answer = await one.handle(message.type, message.event, session, message.message)
      if (answer !== false) return answer
    }
    throw this.#unhandledError(message, session.remote.id)
  }

  #unhandledError({ type, event }: PluginMessage, peer: string): PluginError {
    this.#unhandled++
    const problem = `no plug-in of ${this.#ports.node.id} handles ${JSON.stringify(event)} of ${JSON.stringify(type)}`
    return new PluginError('GOSSIP_PLUGIN_UNHANDLED', problem, { peer })
  }

  #refuse(peer: string, way: MessageContext['way'], session: Session | undefined): undefined {
    const error = new MessagingError('GOSSIP_FRAME_MALFORMED', `a message of ${peer} to plug-ins cannot be read`, {
      peer,
    })
    this.#ports.tellError(error)
    void session?.close(error.message)
    if (way === 'request') throw error
    this.#failedSends++
    return undefined
  }

  #onOpen(session: Session): void {
    if (session.remote.id === this.#ports.node.id) return // A session with oneself tells nobody anything.
    this.#sessions.add(session)
    for (const one of this.#plugins.values()) one.tell(hookOf(session), session)
  }

  #onOver(session: Session, error: Error | undefined): void {
    if (!this.#sessions.delete(session)) return
    for (const one of this.#plugins.values()) {
      if (error !== undefined) one.tellTrouble(error, session)
      one.tell('onClose', session, error)
    }
  }

  #onError(error: Error): void {
    if (this.#told.has(error)) return
    const { peer } = error as { peer?: unknown }
    const id: unknown = typeof peer === 'string' ? peer : (Object(peer) as { id?: unknown }).id
    const session = [...this.#sessions].find(({ remote }) => remote.id === id)
    for (const one of this.#plugins.values()) one.tellTrouble(error, session)
  }

  #tellError(error: Error): void {
    this.#told.add(error)
    this.#ports.tellError(error)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new MessagingError('GOSSIP_MESSENGER_CLOSED', 'this messenger is closed')
  }
}

function hookOf(session: Session): 'onConnection' | 'onOpen' {
  return session.direction === 'inbound' ? 'onConnection' : 'onOpen'
}

function placeOf(file: string | undefined): string {
  return file === undefined ? '' : ` of ${file}`
}
