/** What all nodes of the example agree on: the server, and every tab. */

/** What a tab tells of itself. */
export type Keys = {
  /** What it wants to be called. */
  name: string
  /** What is being typed there; it goes by itself when nobody types any more. */
  typing: string
}

/** Where tabs dial the server. */
export const GOSSIP_PATH = '/gossip'
/** The server's name. */
export const SERVER_ID = 'the server'
/** How long typing is shown after the last key, ms. */
export const TYPING_MS = 3_000

/** Options of every node: a tab that was killed is suspected within seconds, and forgotten after a minute. */
export const CLUSTER = { clusterId: 'presence', gossipIntervalMs: 200, deadPeerGracePeriodMs: 60_000 } as const
