/** Which keys and peers a watcher is told of: those that are allowed, without those that are excepted. */

import { InvalidOptionError } from './errors.ts'
import { looseOptions } from './option-rules.ts'

/** Keys and peers. */
export interface WatchSelection {
  /** Only keys that begin with this. @defaultValue all */
  readonly prefix?: string | undefined
  /** Only these keys. @defaultValue all */
  readonly keys?: Iterable<string> | undefined
  /** Only these peers, this node's own id among them or not. @defaultValue all */
  readonly peers?: Iterable<string> | undefined
}

/** Which changes to tell. */
export interface WatchOptions extends WatchSelection {
  /** What is left out of that: keys that begin with the prefix, these keys, these peers. @defaultValue nothing */
  readonly except?: WatchSelection | undefined
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined
}

const SELECTION = ['prefix', 'keys', 'peers']

/** The selection of one watcher, as it was when the watch began. */
export class WatchFilter {
  readonly #prefix: string
  readonly #keys: ReadonlySet<string> | undefined
  readonly #peers: ReadonlySet<string> | undefined
  readonly #exceptPrefix: string | undefined
  readonly #exceptKeys: ReadonlySet<string> | undefined
  readonly #exceptPeers: ReadonlySet<string> | undefined

  /** @throws {InvalidOptionError} an unknown option, or one that is not what its name says */
  constructor(options: WatchOptions) {
    looseOptions(options, 'options', [...SELECTION, 'except', 'signal'])
    const { except = {} } = options
    looseOptions(except, 'except', SELECTION)
    this.#prefix = textOf('prefix', options.prefix) ?? ''
    this.#keys = setOf('keys', options.keys)
    this.#peers = setOf('peers', options.peers)
    this.#exceptPrefix = textOf('except.prefix', except.prefix)
    this.#exceptKeys = setOf('except.keys', except.keys)
    this.#exceptPeers = setOf('except.peers', except.peers)
  }

  /** Whether changes of a key of this peer are told, if those of the peer are. */
  hasKey(key: string): boolean {
    if (!key.startsWith(this.#prefix) || this.#keys?.has(key) === false) return false
    const isExcepted = this.#exceptPrefix !== undefined && key.startsWith(this.#exceptPrefix)
    return !isExcepted && this.#exceptKeys?.has(key) !== true
  }

  /** Whether changes of the peer's life and keys are told. */
  hasPeer(peer: string): boolean {
    return this.#peers?.has(peer) !== false && this.#exceptPeers?.has(peer) !== true
  }
}

function textOf(name: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw new InvalidOptionError(name, 'a text', value)
  return value
}

/** A single text is iterable too, by its characters, which nobody means. */
function setOf(name: string, value: Iterable<string> | undefined): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined
  const isList = typeof value === 'object' && value !== null && Symbol.iterator in value
  const list: readonly unknown[] = isList ? [...value] : [undefined]
  if (list.some((one) => typeof one !== 'string')) throw new InvalidOptionError(name, 'a list of texts', value)
  return new Set(list as readonly string[])
}
