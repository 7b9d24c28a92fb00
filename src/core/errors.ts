/**
 * Every failure a caller or a peer can cause, as a class with a stable `code`. Match the code, never the text.
 * The facts are fields; the cause, where there is one, is kept.
 */

/** Which way a message was going when it failed. */
export type Direction = 'inbound' | 'outbound'

/** Root of all errors of this library that are not bugs of its own. */
export class GossipError extends Error {
  override readonly name: string = 'GossipError'
  readonly code: string = 'GOSSIP_ERROR'
}

/** An option is unknown, of the wrong type or out of range. Thrown at construction; nothing was started. */
export class InvalidOptionError extends GossipError {
  override readonly name = 'InvalidOptionError'
  override readonly code = 'GOSSIP_OPTION_INVALID'
  readonly option: string
  readonly value: unknown

  constructor(option: string, rule: string, value: unknown) {
    super(`${option} must be ${rule}, got ${shown(value)}`)
    this.option = option
    this.value = value
  }
}

/** A key or value cannot be replicated as JSON. Thrown by `set`; state was not touched. */
export class InvalidValueError extends GossipError {
  override readonly name = 'InvalidValueError'
  override readonly code = 'GOSSIP_VALUE_INVALID'
  /** Where in the value, as a path such as `$.list[3].at`. */
  readonly path: string

  constructor(path: string, problem: string) {
    super(`${path} ${problem}`)
    this.path = path
  }
}

/** A value is larger than the cluster or the transport can carry. Thrown by `set`; state was not touched. */
export class ValueTooLargeError extends GossipError {
  override readonly name = 'ValueTooLargeError'
  override readonly code = 'GOSSIP_VALUE_TOO_LARGE'
  readonly key: string
  readonly bytes: number
  readonly bytesMax: number

  constructor(key: string, bytes: number, bytesMax: number) {
    super(`the value of ${shown(key)} takes ${bytes} bytes as JSON, the limit is ${bytesMax}`)
    this.key = key
    this.bytes = bytes
    this.bytesMax = bytesMax
  }
}

/** A node was made without a transport. Thrown at construction; nothing was started. */
export class MissingTransportError extends GossipError {
  override readonly name = 'MissingTransportError'
  override readonly code = 'GOSSIP_TRANSPORT_MISSING'

  constructor() {
    super(
      "options.transport is missing: import { TcpTransport } from 'gossipmonger-engine/tcp' and pass new TcpTransport()",
    )
  }
}

/** A node was used in a way its state of life forbids. State was not touched. */
export class LifecycleError extends GossipError {
  override readonly name = 'LifecycleError'
  override readonly code:
    | 'GOSSIP_NODE_CLOSED'
    | 'GOSSIP_NODE_STARTED'
    | 'GOSSIP_NODE_NOT_STARTED'
    | 'GOSSIP_ABORTED'
    | 'GOSSIP_PLUGINS_UNSUPPORTED'

  constructor(code: LifecycleError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A table of bounded size is full. State was not touched. */
export class CapacityError extends GossipError {
  override readonly name = 'CapacityError'
  override readonly code = 'GOSSIP_CAPACITY_REACHED'
  readonly table: string
  readonly limit: number

  constructor(table: string, limit: number) {
    super(`${table} is full: the limit is ${limit}`)
    this.table = table
    this.limit = limit
  }
}

/** Another process uses the same id; this one has stopped writing and gossiping, its readers see a frozen view. */
export class IdConflictError extends GossipError {
  override readonly name = 'IdConflictError'
  override readonly code = 'GOSSIP_ID_CONFLICT'
  readonly id: string
  readonly generation: number
  readonly otherGeneration: number

  constructor(id: string, generation: number, otherGeneration: number) {
    super(
      `another process runs as ${shown(id)}: its generation is ${otherGeneration}, ours ${generation}; this one has stopped`,
    )
    this.id = id
    this.generation = generation
    this.otherGeneration = otherGeneration
  }
}

/** What a peer sent does not have the shape of the protocol. The message was dropped, state was not touched. */
export class MalformedMessageError extends GossipError {
  override readonly name = 'MalformedMessageError'
  override readonly code: string = 'GOSSIP_MESSAGE_MALFORMED'
  readonly peer: unknown
  readonly direction: Direction = 'inbound'

  constructor(problem: string, peer?: unknown) {
    super(`malformed message: ${problem}`)
    this.peer = peer
  }
}

/** A message was well formed and still refused by a rule; `code` says which. State was not touched. */
export class RefusedMessageError extends GossipError {
  override readonly name = 'RefusedMessageError'
  override readonly code:
    | 'GOSSIP_CLUSTER_FOREIGN'
    | 'GOSSIP_SENDER_UNKNOWN'
    | 'GOSSIP_OLD_PEER_REFUSED'
    | 'GOSSIP_VALUE_LIMIT_DIFFERS'
  readonly peer: unknown
  readonly direction: Direction = 'inbound'

  constructor(code: RefusedMessageError['code'], message: string, peer?: unknown) {
    super(message)
    this.code = code
    this.peer = peer
  }
}

/** A listener of the embedder threw. State was already committed; the other listeners ran. */
export class ListenerError extends GossipError {
  override readonly name = 'ListenerError'
  override readonly code = 'GOSSIP_LISTENER_THREW'
  readonly event: string

  constructor(event: string, cause: unknown) {
    super(`a listener of ${shown(event)} threw: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.event = event
  }
}

/**
 * Trouble between this node and one remote address; transient unless the transport says otherwise. `code` names
 * the kind: `GOSSIP_CONNECT_FAILED`, `GOSSIP_CONNECTION_LOST`, `GOSSIP_ADDRESS_MALFORMED`, … Each transport lists its own.
 */
export class TransportError extends GossipError {
  override readonly name: string = 'TransportError'
  override readonly code: string
  /** The other side, as far as it is known. */
  readonly peer: unknown
  readonly direction: Direction

  constructor(code: string, message: string, facts: { peer?: unknown; direction: Direction; cause?: unknown }) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.peer = facts.peer
    this.direction = facts.direction
  }
}

/** What a storage, or what a node finds in it, is refused for. */
export type StorageErrorCode =
  /** It could not be read or written. */
  | 'GOSSIP_STORAGE_FAILED'
  /** What it holds was altered, or is not what was written. Nothing was changed. */
  | 'GOSSIP_STORAGE_CORRUPT'
  /** It belongs to another id or cluster. Nothing was changed. */
  | 'GOSSIP_STORAGE_FOREIGN'
  /** Somebody else has it open. */
  | 'GOSSIP_STORAGE_LOCKED'
  /** A later version of this library wrote it. Nothing was changed. */
  | 'GOSSIP_STORAGE_FORMAT'
  /** It is not open, or it is open already. */
  | 'GOSSIP_STORAGE_CLOSED'
  /** One change is larger than the storage's records may be. Nothing was written. */
  | 'GOSSIP_STORAGE_RECORD_TOO_LARGE'
  /** The stored generation is far ahead of the clock. A notice: the node works. */
  | 'GOSSIP_GENERATION_AHEAD'
  /** No generation is left above the stored one. */
  | 'GOSSIP_GENERATION_SPENT'

/** Trouble with durable state; the doc of each code says what was touched. */
export class StorageError extends GossipError {
  override readonly name = 'StorageError'
  override readonly code: StorageErrorCode
  /** The file or folder, where there is one. */
  readonly path: string | undefined
  /** Where in the file, bytes from its beginning. */
  readonly offset: number | undefined

  constructor(
    code: StorageErrorCode,
    message: string,
    facts: { path?: string | undefined; offset?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.path = facts.path
    this.offset = facts.offset
  }
}

/** A frame or message is larger than the limit. It was not sent, or it was dropped with its connection. */
export class FrameTooLargeError extends GossipError {
  override readonly name = 'FrameTooLargeError'
  override readonly code = 'GOSSIP_FRAME_TOO_LARGE'
  readonly bytes: number
  readonly bytesMax: number
  readonly peer: unknown
  readonly direction: Direction

  constructor(bytes: number, bytesMax: number, facts: { peer?: unknown; direction: Direction }) {
    super(`frame of ${bytes} bytes exceeds the limit of ${bytesMax}`)
    this.bytes = bytes
    this.bytesMax = bytesMax
    this.peer = facts.peer
    this.direction = facts.direction
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
