/** What every runtime gets of the messenger's folder, whatever its messenger is. */

export type { BroadcastReport } from './broadcast.ts'
export type { DatagramOptions, RequestOptions, SendOptions } from './caller.ts'
export type { ChannelListener, StreamContext, StreamOptions } from './channels.ts'
export type { ClientView } from './clients.ts'
export { MessagingError, type MessagingErrorCode, RemoteError, WorkerError } from './errors.ts'
export type { Handler, MessageContext, Way } from './handler.ts'
export type { LibraryArea } from './library-area.ts'
export type { MessagingNode } from './lines.ts'
export type { MessengerEvents, PluginLogEntry } from './messenger-events.ts'
export type { MessengerOptions } from './options.ts'
export * from './outbox/index.ts'
export type { Pair, PairEnd } from './pairs.ts'
export type { Payload } from './payload.ts'
export {
  type CatchUpOptions,
  type CatchUpPlugin,
  type CatchUpStats,
  catchUpPlugin,
  type FolderPlugin,
  type HeartbeatOptions,
  type HeartbeatPlugin,
  type HeartbeatStats,
  heartbeatPlugin,
  PluginError,
  type PluginErrorCode,
  type PluginsStats,
  type PluginsView,
} from './plugins/index.ts'
export type { ConnectOptions, ServiceClient } from './service-client.ts'
export type { Port, Service, ServiceChange, ServiceFilter, ServiceMode, ServiceView } from './services.ts'
export { type MessengerStats, WebMessenger } from './web-messenger.ts'
