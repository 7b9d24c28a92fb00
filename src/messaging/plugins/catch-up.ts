/**
 * The catch-up plug-in: a log of each node that only grows, and copies of it at all others. Gossip says how long a log
 * is; what a copy lacks is fetched from the log's own node, in order and in batches, on from where the copy ends. So what
 * a lost session has brought is not fetched again. Logs are in memory: they live as long as the plug-in object.
 */

import type { JsonValue, Plugin, PluginContext, ReservedKeys, Session } from '../../core/index.ts'
import { codeOf, messageOf } from '../errors.ts'
import {
  type Batch,
  type BatchRequest,
  batchOf,
  type LogClaim,
  parseBatch,
  parseBatchRequest,
  parseClaim,
} from './catch-up-batch.ts'
import { type CatchUpOptions, type ResolvedCatchUpOptions, resolveCatchUpOptions } from './catch-up-options.ts'
import { EntryLog } from './entry-log.ts'
import { PluginError } from './errors.ts'
import { Fetches } from './fetches.ts'

/** Counters since the plug-in was made. */
export interface CatchUpStats {
  /** Batches that were asked for. */
  readonly requests: number
  /** Entries that came from others. */
  readonly entries: number
  /** Attempts to catch up that failed. */
  readonly failures: number
}

/** The plug-in. */
export interface CatchUpPlugin extends Plugin {
  readonly stats: CatchUpStats
  /**
   * Adds an entry to this node's log, also while the plug-in is not loaded. Others have it soon.
   *
   * @returns its index, from 0
   * @throws {PluginError} `GOSSIP_LOG_LIMIT`: the entry or the log would be too large
   * @throws {InvalidValueError} it is no JSON
   */
  append(entry: JsonValue): number
  /** Entries of a node's log that this node has. @defaultValue this node's own */
  length(peerId?: string): number
  /** Entries of a node's log that this node has, from an index on. O(entries given). */
  entries(peerId?: string, from?: number): readonly JsonValue[]
}

const FETCH = 'fetch'
const KEY = 'log'
/** The other side has no such plug-in: nothing failed, and there is nothing to try again. */
const NOBODY_THERE = ['GOSSIP_PLUGIN_UNHANDLED', 'GOSSIP_HANDLER_UNKNOWN']

/**
 * Makes the plug-in. One object is for one node.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function catchUpPlugin(options?: CatchUpOptions): CatchUpPlugin {
  return new CatchUp(resolveCatchUpOptions(options))
}

/** What there is only while the plug-in is loaded. */
interface Running {
  readonly context: PluginContext
  readonly keys: ReservedKeys
  readonly fetches: Fetches
}

/** A log, and its name: one that begins again has another. */
interface NamedLog {
  readonly id: string
  readonly log: EntryLog
  /** It grows no further, whatever its node appends. */
  isFull: boolean
}

class CatchUp implements CatchUpPlugin {
  readonly name: string
  readonly eventMap: NonNullable<Plugin['eventMap']>
  readonly #options: ResolvedCatchUpOptions
  readonly #own: EntryLog
  /** The name of the own log; there is none before the first start. */
  #ownId: string | undefined
  readonly #copies = new Map<string, NamedLog>()
  readonly #counts = { requests: 0, entries: 0, failures: 0 }
  #running: Running | undefined
  #isLimitTold = false

  constructor(options: ResolvedCatchUpOptions) {
    this.#options = options
    this.name = options.name
    this.#own = new EntryLog(options)
    this.eventMap = { [options.name]: { [FETCH]: (session, request) => this.#answer(session, request) } }
  }

  get stats(): CatchUpStats {
    return { ...this.#counts }
  }

  append(entry: JsonValue): number {
    const index = this.#own.append(entry)
    this.#announce()
    return index
  }

  length(peerId?: string): number {
    return this.#logOf(peerId)?.length ?? 0
  }

  entries(peerId?: string, from: number = 0): readonly JsonValue[] {
    return this.#logOf(peerId)?.slice(from, this.#options.entriesMax) ?? []
  }

  start(context: PluginContext): void {
    const { system, node } = context
    this.#ownId ??= newId(system)
    const fetches = new Fetches({ ...this.#options, system, fetch: (peer) => this.#catchUp(running, peer) })
    const running: Running = { context, keys: node.reservedKeys(`plugins/${this.name}`), fetches }
    this.#running = running
    this.#announce()
    this.#follow(running).catch((error: unknown) => context.tellError(error as Error))
  }

  stop(): void {
    const { context, keys, fetches } = this.#running as Running
    this.#running = undefined
    fetches.stop()
    try {
      keys.delete(KEY)
    } catch (error) {
      // The node was closed first, so nobody will be told anything any more.
      context.log('the log was not withdrawn', { problem: messageOf(error) })
    }
  }

  onConnection(session: Session): void {
    this.#running?.fetches.want(session.remote.id)
  }

  onOpen(session: Session): void {
    this.#running?.fetches.want(session.remote.id)
  }

  #logOf(peerId: string | undefined): EntryLog | undefined {
    const isOwn = peerId === undefined || peerId === this.#running?.context.id
    return isOwn ? this.#own : this.#copies.get(peerId)?.log
  }

  #announce(): void {
    if (this.#running === undefined || this.#ownId === undefined) return
    const { keys, context } = this.#running
    const claim: LogClaim = { id: this.#ownId, length: this.#own.length }
    try {
      keys.set(KEY, { ...claim })
    } catch (error) {
      context.tellError(error as Error) // The entry is in the log; who opens a session will learn of it all the same.
    }
  }

  /** Catches up with whoever says that its log is longer, until the plug-in is unloaded. */
  async #follow(running: Running): Promise<void> {
    for await (const change of running.keys.watch({ signal: running.context.signal })) {
      if (change.type !== 'set' && change.type !== 'peer') continue
      if (change.peer !== running.context.id && this.#isBehind(running, change.peer)) running.fetches.want(change.peer)
    }
  }

  /** Whether there is more to fetch of a peer, and a peer to fetch it from. */
  #isBehind({ keys, context }: Running, peer: string): boolean {
    const claim = parseClaim(keys.get(peer, KEY))
    const status = context.node.peer(peer)?.status
    if (claim === undefined || (status !== 'live' && status !== 'unproven')) return false
    const copy = this.#copies.get(peer)
    return copy?.id === claim.id ? !copy.isFull && copy.log.length < claim.length : claim.length > 0
  }

  /** Fetches until there is nothing more; resolves with whether to try again. */
  async #catchUp(running: Running, peer: string): Promise<boolean> {
    try {
      while (!running.context.signal.aborted) {
        const batch = await this.#ask(running, peer)
        if (batch === undefined || running.context.signal.aborted || !this.#take(running, peer, batch)) return false
        if (batch.from + batch.entries.length >= batch.length) return false
      }
      return false
    } catch (error) {
      if (NOBODY_THERE.includes(codeOf(error, ''))) return false
      this.#counts.failures++
      return this.#isBehind(running, peer)
    }
  }

  async #ask({ context }: Running, peer: string): Promise<Batch | undefined> {
    const copy = this.#copies.get(peer)
    if (copy?.isFull === true) return undefined
    const request: BatchRequest = { id: copy?.id, from: copy?.log.length ?? 0 }
    this.#counts.requests++
    const { timeoutMs } = this.#options
    const message = copy === undefined ? { from: 0 } : { ...request }
    const answer = await context.request(peer, this.name, FETCH, message, { timeoutMs, signal: context.signal })
    const batch = parseBatch(answer, request)
    if (batch !== undefined) return batch
    const problem = `what ${peer} says of its log ${JSON.stringify(this.name)} cannot be`
    context.tellError(new PluginError('GOSSIP_LOG_MALFORMED', problem, { plugin: this.name, peer }))
    for (const session of context.sessions) if (session.remote.id === peer) void session.close(problem)
    return undefined
  }

  /** Takes the entries of a batch; returns whether there can be more. */
  #take(running: Running, peer: string, batch: Batch): boolean {
    const copy = this.#copyFor(running, peer, batch)
    if (copy === undefined) return false
    for (const entry of batch.entries) {
      try {
        const index = copy.log.append(entry)
        this.#counts.entries++
        this.#tell(running, 'onEntry', () => this.#options.onEntry(peer, index, entry))
      } catch (error) {
        copy.isFull = true
        const problem = `the copy of the log of ${peer} ends at ${copy.log.length}: ${messageOf(error)}`
        running.context.tellError(
          new PluginError('GOSSIP_LOG_LIMIT', problem, { plugin: this.name, peer, cause: error }),
        )
        return false
      }
    }
    return true
  }

  #copyFor(running: Running, peer: string, { id, entries }: Batch): NamedLog | undefined {
    const present = this.#copies.get(peer)
    if (present?.id === id) return present
    if (present !== undefined) {
      this.#copies.delete(peer)
      this.#tell(running, 'onReset', () => this.#options.onReset(peer))
    }
    if (entries.length === 0) return undefined
    if (this.#copies.size >= this.#options.logsMax) {
      this.#tellLimit(running, peer)
      return undefined
    }
    const copy: NamedLog = { id, log: new EntryLog(this.#options), isFull: false }
    this.#copies.set(peer, copy)
    return copy
  }

  #tellLimit({ context }: Running, peer: string): void {
    if (this.#isLimitTold) return
    this.#isLimitTold = true
    const problem = `${this.#options.logsMax} logs are copied already: that of ${peer} is not, and no others are`
    context.tellError(new PluginError('GOSSIP_LOG_LIMIT', problem, { plugin: this.name, peer }))
  }

  #tell({ context }: Running, what: string, call: () => unknown): void {
    const fail = (cause: unknown): void => {
      const problem = `${what} of plug-in ${JSON.stringify(this.name)} failed: ${messageOf(cause)}`
      context.tellError(new PluginError('GOSSIP_PLUGIN_FAILED', problem, { plugin: this.name, cause }))
    }
    try {
      const result = call()
      if (result instanceof Promise) result.catch(fail)
    } catch (cause) {
      fail(cause)
    }
  }

  #answer(session: Session, message: unknown): JsonValue {
    const request = parseBatchRequest(message)
    if (request !== undefined && this.#ownId !== undefined) {
      return batchOf({ id: this.#ownId, log: this.#own }, request, this.#options)
    }
    const problem = `${session.remote.id} asks for something that is no part of a log`
    void session.close(problem)
    throw new PluginError('GOSSIP_LOG_MALFORMED', problem, { plugin: this.name, peer: session.remote.id })
  }
}

function newId(system: PluginContext['system']): string {
  return Array.from({ length: 4 }, () => Math.floor(system.random() * 2 ** 32).toString(36)).join('-')
}
