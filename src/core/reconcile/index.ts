export { covers, writePage, type Page, type PageSource } from './digest-page.ts'
export { isAhead, lackOf, type Lack, type Standing } from './lack.ts'
export { parseDeltas } from './parse-deltas.ts'
export {
  parseDigest,
  type Digest,
  type DigestItem,
  type HeartbeatEntry,
  type PeerEntry,
  type RemovalEntry,
} from './parse-digest.ts'
export {
  GENERATION_MAX,
  isName,
  NAME_BYTES_MAX,
  parseCount,
  parseName,
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
