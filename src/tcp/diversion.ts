/** Where the bytes of a connection go that carries no lines any more. */

/** Takes the bytes of a connection in place of its reader of lines. */
export interface Diversion {
  onBytes(chunk: Uint8Array): void
  /** The other side will send no more. */
  onEnd(): void
  /** The socket is gone, whether or not the end came. */
  onClosed(): void
}
