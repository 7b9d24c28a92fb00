export { OldDialect } from './old-dialect.ts'
export type { OldDialectOptions } from './options.ts'
