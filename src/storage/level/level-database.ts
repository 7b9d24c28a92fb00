/** What is asked of a database of the `abstract-level` family, so that none of its packages has to be installed. */

/** One write of a batch. */
export type LevelOperation =
  | {
      readonly type: 'put'
      readonly key: string
      readonly value: string
      readonly keyEncoding: 'utf8'
      readonly valueEncoding: 'utf8'
    }
  | { readonly type: 'del'; readonly key: string; readonly keyEncoding: 'utf8' }

/** Keys of a half-open range, in order, as text. */
export interface LevelRange {
  readonly gte: string
  readonly lt: string
  readonly keyEncoding: 'utf8'
  readonly valueEncoding: 'utf8'
}

/** `classic-level`, `memory-level`, `browser-level`, a sublevel of one of them, or what looks like it. */
export interface LevelDatabase {
  /** Writes all or nothing. `sync`: on the disk before it resolves, where the database knows the option. */
  batch(operations: LevelOperation[], options: { readonly sync: boolean }): Promise<unknown>
  iterator(range: LevelRange): AsyncIterable<[string, string]>
}
