export * from './file/index.ts'
export * from './kit/index.ts'
export * from './level/index.ts'
export * from './memory/index.ts'
