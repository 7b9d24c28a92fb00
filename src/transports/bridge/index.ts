export { BRIDGED_MAX, BridgeTransport } from './transport.ts'
