/**
 * What browsers and workers load for `gossipmonger-engine/messaging`: all of it that needs nothing but a modern
 * JavaScript runtime. Streams are pairs of web streams there: `channel` and `onChannel`.
 */

export * from './anywhere.ts'
export { WebMessenger as Messenger } from './web-messenger.ts'
