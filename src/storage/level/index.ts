export type { LevelDatabase, LevelOperation, LevelRange } from './level-database.ts'
export { LevelStorage, type LevelStorageOptions } from './level-storage.ts'
