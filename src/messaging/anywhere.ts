/** What every runtime gets of the messenger's folder, whatever its messenger is. */

export type { BroadcastReport } from './broadcast.ts'
export type { DatagramOptions, RequestOptions, SendOptions } from './caller.ts'
export type { ChannelListener, StreamContext, StreamOptions } from './channels.ts'
export { MessagingError, type MessagingErrorCode, RemoteError } from './errors.ts'
export type { Handler, MessageContext, Way } from './handler.ts'
export type { MessagingNode } from './lines.ts'
export type { MessengerEvents } from './messenger-events.ts'
export type { MessengerOptions } from './options.ts'
export type { Payload } from './payload.ts'
export type { ConnectOptions, ServiceClient } from './service-client.ts'
export type { Port, Service, ServiceChange, ServiceFilter, ServiceMode, ServiceView } from './services.ts'
export { type MessengerStats, WebMessenger } from './web-messenger.ts'
