export { covers, type Page, type PageSource, writePage } from './digest-page.ts'
export { isAhead, type Lack, lackOf, type Standing } from './lack.ts'
export { parseDeltas } from './parse-deltas.ts'
export {
  type Digest,
  type DigestItem,
  type HeartbeatEntry,
  type PeerEntry,
  parseDigest,
  type RemovalEntry,
} from './parse-digest.ts'
export {
  GENERATION_MAX,
  isName,
  NAME_BYTES_MAX,
  parseArray,
  parseCount,
  parseName,
  parseObject,
  parseTransport,
  TRANSPORT_BYTES_MAX,
  VERSION_MAX,
} from './shape.ts'
export {
  asJson,
  type IdRange,
  type WireDigest,
  type WireDigestItem,
  type WireOwnEntry,
  type WirePair,
  type WirePeerEntry,
  type WireRemoval,
} from './wire-digest.ts'
