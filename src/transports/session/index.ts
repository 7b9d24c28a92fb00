export { CHANNEL_HEADER_BYTES_MAX, DATA_BYTES_MAX, FRAME_LENGTH_MAX } from './frame.ts'
export { GREETING_BYTES_MAX, GREETING_START } from './greeting.ts'
export { SessionHub, type SessionHubPorts } from './hub.ts'
export {
  DEFAULTS as SESSION_DEFAULTS,
  type ResolvedSessionOptions,
  resolveSessionOptions,
  type SessionOptions,
} from './options.ts'
export { endPipe, joinBytes, type Pipe, type PipeReceiver } from './pipe.ts'
