/** What can go wrong with plug-ins. */

import { GossipError } from '../../core/index.ts'

/** Why a plug-in is refused, or what it has failed at. */
export type PluginErrorCode =
  /** A plug-in of that name is loaded, or being loaded; there are too many. Nothing was loaded. */
  | 'GOSSIP_PLUGIN_TAKEN'
  | 'GOSSIP_PLUGIN_LIMIT'
  /** A folder, or a file of it, has no plug-in; it cannot be read; there are no folders here. Nothing was loaded. */
  | 'GOSSIP_PLUGIN_MISSING'
  | 'GOSSIP_PLUGIN_UNREADABLE'
  | 'GOSSIP_PLUGIN_FOLDERS_UNSUPPORTED'
  /** Its start threw, rejected or took too long. It is not loaded, and nothing else of its folder is. */
  | 'GOSSIP_PLUGIN_START_FAILED'
  /** A handler or another function of it threw or rejected, or its stop took too long. */
  | 'GOSSIP_PLUGIN_FAILED'
  /** No plug-in handled a message. */
  | 'GOSSIP_PLUGIN_UNHANDLED'
  /** It wants to send after it has stopped. Nothing was sent. */
  | 'GOSSIP_PLUGIN_UNLOADED'
  /** A peer was silent for too long; its session was closed. */
  | 'GOSSIP_PEER_SILENT'
  /** An entry or a log is too large, or there are too many logs. Nothing was appended. */
  | 'GOSSIP_LOG_LIMIT'
  /** A peer said something of its log that cannot be; nothing of it was taken, and its session was closed. */
  | 'GOSSIP_LOG_MALFORMED'

/** Trouble with a plug-in; the doc of each code says what was done. */
export class PluginError extends GossipError {
  override readonly name = 'PluginError'
  override readonly code: PluginErrorCode
  /** The name of the plug-in, where it is about one. */
  readonly plugin: string | undefined
  /** The file or folder, where there is one. */
  readonly file: string | undefined
  /** The id of the other side, where there is one. */
  readonly peer: string | undefined

  constructor(
    code: PluginErrorCode,
    message: string,
    facts: {
      readonly plugin?: string | undefined
      readonly file?: string | undefined
      readonly peer?: string | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.plugin = facts.plugin
    this.file = facts.file
    this.peer = facts.peer
  }
}
