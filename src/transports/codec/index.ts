export type { Codec, Encoded } from './codec.ts'
export { jsonCodec } from './json-codec.ts'
