export {
  type Digest,
  type DigestEntries,
  type DigestHead,
  type DigestPairs,
  entriesOf,
  entryAt,
  firstRareFrom,
  type HeartbeatEntry,
  itemsOf,
  NO_PAIRS,
  type OwnEntry,
  type PeerEntry,
  pairItemsOf,
  pairsOf,
  type RareFacts,
  type RemovalEntry,
} from './digest.ts'
export { covers, cutPage, type Page, type PageSource } from './digest-page.ts'
export { isAhead, isRelayable, type Lack, lackOf, type Standing } from './lack.ts'
export { parseDeltas } from './parse-deltas.ts'
export { parseDigest } from './parse-digest.ts'
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
export { digestBytes, ENTRY_BYTES_MAX, entryBytes, ownEntryBytes, pairBytes, writeDigest } from './write-digest.ts'
