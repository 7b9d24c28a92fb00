export {
  type FirstGenerationMessage,
  FirstGenerationPeer,
  type FirstGenerationSetup,
} from './first-generation-peer.ts'
export { OldPeerCrashedError } from './old-peer-crashed-error.ts'
