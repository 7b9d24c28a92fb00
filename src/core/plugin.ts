/**
 * Plug-ins: named parts of an application that a node starts and stops, and that hear of its sessions and of messages
 * by type and event. This is the contract; a `Messenger` carries it out.
 */

import type { Session } from './ports.ts'

/**
 * Handles a message of another node.
 *
 * @param session - what it came on: `session.remote` says from whom, `session.direction` who dialled
 * @param message - its payload: JSON, a `Uint8Array` or nothing
 * @returns anything but `false` says that it was handled
 */
export type PluginHandler = (session: Session, message: unknown) => unknown

/** A plug-in. Only its name is required; functions are called with the plug-in as `this`. */
export interface Plugin {
  /** One for each plug-in of a node. */
  readonly name: string
  /** Type → event → handler. Several plug-ins may handle the same. */
  readonly eventMap?: Readonly<Record<string, Readonly<Record<string, PluginHandler>>>> | undefined
  /** It was loaded. What it throws, or rejects with, is thrown by `use`, and it is not loaded. */
  start?(context: PluginContext): unknown
  /** It is unloaded: nothing is told to it after this. */
  stop?(): unknown
  /** A peer has opened a session. */
  onConnection?(session: Session): unknown
  /** This node has opened a session. */
  onOpen?(session: Session): unknown
  /** A session is over; without an error, on purpose. */
  onClose?(session: Session, error: Error | undefined): unknown
  /** Something went wrong that nobody waits for; with the session, where it was on one. */
  onError?(error: Error, session: Session | undefined): unknown
}

/** What a plug-in gets to work with. */
export interface PluginContext {
  /** This node's name. */
  readonly id: string
}

/** Carries plug-ins. */
export interface PluginHost {
  /** Loads a plug-in, or all of a folder. */
  use(plugin: Plugin | string | URL): Promise<LoadedPlugins>
}

/** What `use` has loaded. */
export interface LoadedPlugins {
  readonly names: readonly string[]
  /** Unloads them: resolves when they have stopped. May be called again. */
  unload(): Promise<void>
}
