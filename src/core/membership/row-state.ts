/** What a row of the table of peers is, in one byte: a kind, and flags beside it. */

/** The kinds of rows. A vacant row is being filled or about to go; peers are those from `UNPROVEN` on. */
export const VACANT = 0
/** This node itself. */
export const SELF = 1
/** The record of a retired peer. */
export const REMOVED = 2
/** Heard of, but no heartbeat has risen yet. */
export const UNPROVEN = 3
/** Heartbeats rise. */
export const LIVE = 4
/** Silent for too long. */
export const DEAD = 5
/** Said goodbye. */
export const LEFT_KIND = 6

/** The part of the byte that says which kind of row it is. */
export const KIND_BITS = 7
/** How many values the byte can have. */
export const STATES = 64
/** The peer runs the first-generation package. */
export const OLD_FLAG = 8
/** Its address is known. */
export const ADDRESSED_FLAG = 16
/** Readers of its map still see an earlier complete one. */
export const STALE_FLAG = 32
