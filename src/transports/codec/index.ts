export type { Codec, Encoded } from './codec.ts'
export { jsonCodec } from './json-codec.ts'
export {
  decodePackage,
  encodePackage,
  PACKAGE_BYTES_MAX,
  type ReadTrustPackage,
  TRUST_PACKAGE_TYPES,
  type TrustPackage,
  type TrustPackageKind,
} from './trust-package.ts'
export { trustPackageCodec } from './trust-package-codec.ts'
