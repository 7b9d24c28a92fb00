export type { StorageFixture, StoragePlace } from './fixture.ts'
export { StorageCaseError } from './storage-case-error.ts'
export { type StorageCase, storageCases } from './storage-cases.ts'
