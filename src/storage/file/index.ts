export { FileStorage } from './file-storage.ts'
export type { FileStorageOptions, SyncPolicy } from './options.ts'
