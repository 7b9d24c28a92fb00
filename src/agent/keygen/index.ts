export {
  type CertificateRequest,
  type KeyKind,
  makeAuthority,
  makeNodeCertificate,
  type PemPair,
} from './certificates.ts'
export { AUTHORITY_FILES, filesOf, type PairFiles } from './file-names.ts'
export { assertVacant, readAuthority, writePair } from './key-folder.ts'
