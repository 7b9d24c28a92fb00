export { AssertionError, assert } from './assert.ts'
export {
  Engine,
  type EngineEvent,
  type EngineOptions,
  type EngineSetup,
  type EngineStats,
  type Explanation,
  nextGeneration,
  type OutMessage,
  type ResolvedEngineOptions,
  resolveEngineOptions,
} from './engine/index.ts'
export * from './errors.ts'
export type { Order, Priority } from './flow/index.ts'
export { Gossipmonger, type NodeStats } from './gossipmonger.ts'
export * from './json/index.ts'
export type { PeerStatus } from './membership/index.ts'
export type { NodeEvents } from './node-events.ts'
export * from './option-rules.ts'
export type { GossipmongerOptions, PeerInfo } from './options.ts'
export type { KnownPeer, PeerView } from './peer-view.ts'
export type * from './plugin.ts'
export type * from './ports.ts'
export { seededRandom } from './random.ts'
export {
  type Digest,
  digestBytes,
  GENERATION_MAX,
  isName,
  NAME_BYTES_MAX,
  parseTransport,
  TRANSPORT_BYTES_MAX,
} from './reconcile/index.ts'
export type { ReservedKeys } from './reserved-keys.ts'
export { SafeEmitter } from './safe-emitter.ts'
export type * from './storage-port.ts'
export { StorageWriter, storageFailure } from './storage-writer.ts'
export { runtimeSystem, type System } from './system.ts'
export { PROTOCOL_VERSION } from './uplink.ts'
export type { WatchChange } from './watch.ts'
export type { WatchOptions, WatchSelection } from './watch-filter.ts'
