/**
 * Plug-ins: named parts of an application that a node starts and stops, and that hear of its sessions and of messages
 * by type and event. This is the contract; a `Messenger` carries it out.
 */

import type { JsonValue } from './json/index.ts'
import type { NodeEvents } from './node-events.ts'
import type { PeerView } from './peer-view.ts'
import type { Session, Transport } from './ports.ts'
import type { ReservedKeys } from './reserved-keys.ts'
import type { System } from './system.ts'
import type { WatchChange } from './watch.ts'
import type { WatchOptions } from './watch-filter.ts'

/**
 * Handles a message of another node, or of this one.
 *
 * @param session - what it came on: `session.remote` says from whom, `session.direction` who dialled
 * @param message - its payload: JSON, a `Uint8Array` or nothing
 * @returns `false`, or a promise of it: it was not handled. Anything else: it was; for a request that is the answer
 */
export type PluginHandler = (session: Session, message: unknown) => unknown

/** A plug-in. Only its name is required; functions are called with the plug-in as `this`. */
export interface Plugin {
  /** One for each plug-in of a node: 1 to 256 bytes of text. */
  readonly name: string
  /**
   * Type → event → handler, read once, when it is loaded. Several plug-ins may handle the same: a message goes to all
   * of them; a request to one after the other, as they were loaded, until one handles it.
   */
  readonly eventMap?: Readonly<Record<string, Readonly<Record<string, PluginHandler>>>> | undefined
  /** It is being loaded, and hears nothing yet. What it throws or rejects with is the cause of what `use` rejects with. */
  start?(context: PluginContext): unknown
  /** It is unloaded: nothing is told to it any more. It can still send until what this returns has settled. */
  stop?(): unknown
  /** A peer has opened a session, now or before the plug-in was loaded. */
  onConnection?(session: Session): unknown
  /** This node has opened a session, now or before the plug-in was loaded. */
  onOpen?(session: Session): unknown
  /** A session is over; without an error, on purpose. With one, `onError` has been told before. */
  onClose?(session: Session, error: Error | undefined): unknown
  /**
   * Something went wrong that nobody waits for: in this plug-in, in a session, or in the messenger; with the session,
   * where it was on one. Trouble of other plug-ins is not told.
   */
  onError?(error: Error, session: Session | undefined): unknown
}

/** What a plug-in gets to work with. */
export interface PluginContext {
  /** This node's name. */
  readonly id: string
  readonly node: PluginNode
  /** Time, timers and chance. */
  readonly system: System
  /** Raised when the plug-in is unloaded, and when its start has failed. */
  readonly signal: AbortSignal
  /** Whether this node can dial others, and whether others can dial it, as it is now. */
  readonly roles: { readonly client: boolean; readonly server: boolean }
  /** Sessions with peers that are open now, whoever dialled. */
  readonly sessions: readonly Session[]
  /**
   * Tells the plug-ins of a peer something, once, if the session holds.
   *
   * @param to - a peer's id; or a session, which is used and no other
   * @param message - JSON, a `Uint8Array` or nothing
   * @throws {GossipError} as a rejection: what `Messenger.send` gives; `GOSSIP_PLUGIN_UNLOADED`, after the plug-in has stopped
   */
  send(to: string | Session, type: string, event: string, message?: unknown): Promise<void>
  /**
   * Asks the plug-ins of a peer, and waits for the answer of the first that handles it.
   *
   * @param to - a peer's id; or a session, which is used and no other
   * @throws {GossipError} as a rejection: what `Messenger.request` gives, `GOSSIP_PLUGIN_UNHANDLED` of the other side;
   *   `GOSSIP_PLUGIN_UNLOADED`, after the plug-in has stopped
   */
  request(
    to: string | Session,
    type: string,
    event: string,
    message?: unknown,
    options?: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<unknown>
  /** Counts an error and tells it to whoever listens to the messenger's `error`; not to `onError`. */
  tellError(error: Error): void
  /** Notes something for people: an event `log` of the messenger. */
  log(text: string, facts?: JsonValue): void
}

/** The part of a node that plug-ins work with; values are promised by whoever wrote them, and not checked. */
export interface PluginNode {
  readonly id: string
  readonly address: JsonValue | undefined
  readonly transport: Transport
  /** See the methods of `Gossipmonger`. */
  get(peerId: string, key: string): JsonValue | undefined
  set(key: string, value: JsonValue, options?: { readonly ttlMs?: number }): boolean
  delete(key: string): boolean
  entries(peerId: string): ReadonlyMap<string, JsonValue>
  peer(peerId: string): PeerView | undefined
  peers(): readonly PeerView[]
  watch(options?: WatchOptions): AsyncIterableIterator<WatchChange>
  /** Keys of the plug-in's own, which `entries` and `watch` do not show. */
  reservedKeys(area: string): ReservedKeys
  on<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): unknown
  off<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): unknown
}

/** Carries plug-ins. */
export interface PluginHost {
  /** Loads a plug-in, or all of a folder, for a node. */
  use(plugin: Plugin | string | URL, node: PluginNode): Promise<LoadedPlugins>
}

/** What `use` has loaded. */
export interface LoadedPlugins {
  readonly names: readonly string[]
  /**
   * Unloads them, the last first: nothing is told to them from now on. Resolves when they have stopped, and their names
   * are free; never rejects. May be called again.
   */
  unload(): Promise<void>
}
