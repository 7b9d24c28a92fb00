export { ForwardError, type ForwardErrorCode } from './errors.ts'
export { type ForwardContext, Forwarder, type ForwarderStats, type ForwardHandler } from './forwarder.ts'
export type { ForwarderOptions, ForwardMessenger, ForwardRequestOptions, ForwardSendOptions } from './options.ts'
