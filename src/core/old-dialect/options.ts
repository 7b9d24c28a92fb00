/** How a node deals with old peers: the same for whoever speaks with them and for whoever refuses them. */

/** How this node deals with old peers. */
export interface OldDialectOptions {
  /** Whether old peers may be neighbours. */
  readonly isAccepted: boolean
  readonly clusterId: string
  readonly valueBytesMax: number
  /** Largest digest, largest deltas, and largest message of the transport if it has a limit; bytes of JSON. */
  readonly digestBytesMax: number
  readonly deltaBytesMax: number
  readonly messageBytesMax: number | undefined
  /** Old peers remembered. */
  readonly peersMax: number
  /** Wall-clock time, ms since the Unix epoch: tells a former life's version from a wild one. */
  readonly wallClockMs: () => number
}
