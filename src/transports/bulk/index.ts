export { BULK_STOPPED, BULK_UNWANTED } from './bulk-codes.ts'
export { BulkDecoder } from './bulk-decoder.ts'
export {
  BULK_ACCEPTED_LINE,
  BULK_FEATURE,
  type BulkAnswer,
  type BulkOffering,
  bulkOfferLine,
  bulkReceiptLine,
  bulkRefusalLine,
  isBulkOffer,
  parseBulkAnswer,
  parseBulkOffer,
} from './bulk-lines.ts'
export { BulkText } from './bulk-text.ts'
export type { GroupReaderOptions } from './group-reader.ts'
export { JsonReader, type JsonSteps } from './json-reader.ts'
export { JsonSlices } from './json-slices.ts'
export { type PassagePorts, passBulk } from './passage.ts'
export { Utf8Reader } from './utf8-reader.ts'
