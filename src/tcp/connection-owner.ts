/** What a connection tells, and to whom: it knows nothing of hellos, dialects or peers itself. */

/** Who is told what happens. Calls come from socket events, never from inside a method of the connection. */
export interface OwnerOf<C> {
  /** A line arrived. */
  onLine(connection: C, value: unknown): void
  /**
   * Its first bytes are those of a session. Absent: sessions are not looked for.
   *
   * @param head - all that has arrived
   * @returns whether the owner has taken the socket, by `handOver`; else it carries lines
   */
  onSession?(connection: C, head: Uint8Array): boolean
  /** What was written has left; there is room again. */
  onDrain(connection: C): void
  /** The other side will send no more; every line it sent was told. */
  onRemoteEnd(connection: C): void
  /** It cannot go on. Told at most once, before `onClosed`, and not after `destroy()`. */
  onFailed(connection: C, error: Error): void
  /** The socket is gone. */
  onClosed(connection: C): void
}
