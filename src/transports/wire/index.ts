export { ALSO_MAX, addressesOf } from './addresses.ts'
export { ByteBudget } from './byte-budget.ts'
export { isShallow, MESSAGE_DEPTH_MAX } from './depth.ts'
export {
  ENVELOPE_BYTES_MAX,
  type Envelope,
  encodeMessage,
  helloAnswerLine,
  LINE_END,
  type MessageKind,
  messageLine,
  parseEnvelope,
  rpcLine,
} from './envelope.ts'
export { encodeHello, HELLO_BYTES_MAX, helloRefusal, parseHello } from './hello.ts'
export { LineGate, type LineGateOptions } from './line-gate.ts'
export { OutboundQueue, type Queued, type QueuedMessage, type QueueLimits } from './outbound-queue.ts'
export { pageKey } from './page-key.ts'
export { RepeatedReport } from './repeated-report.ts'
export {
  encodeSender,
  isPeerId,
  parseSender,
  SENDER_BYTES_MAX,
  SENDER_ID_UNITS_MAX,
  SENDER_TRANSPORT_BYTES_MAX,
} from './sender.ts'
