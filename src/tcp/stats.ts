/** Figures of a TCP transport, for whoever watches it. */

/** What a transport holds at this moment. */
export interface TcpStats {
  readonly inboundConnections: number
  readonly outboundConnections: number
  /** Addresses whose dialect is remembered. */
  readonly peers: number
  readonly queuedMessages: number
  /** Bytes that wait for peers, those in sockets included. */
  readonly outboundBytes: number
  /** Bytes of memory held for messages that have begun to arrive. */
  readonly inboundBytes: number
  /** Connections that are not read for now, since their peers sent too much. */
  readonly pausedConnections: number
  /** IP addresses whose offences are remembered. */
  readonly offenders: number
  /** Peers that were named by messages and have not shown yet that they are where they say. */
  readonly unprovenPeers: number
}
