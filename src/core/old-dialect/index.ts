export { OldDialect, type OldDialectOptions } from './old-dialect.ts'
