/**
 * What a transport supplies so that it can carry sessions: ordered, reliable bytes both ways, with an end and with
 * back-pressure. How the bytes are cut on the way says nothing; a WebSocket's messages are just bytes too.
 */

import type { SenderRef, System } from '../../core/index.ts'

/** Who is told what a pipe does. None of it is called inside a method of the pipe. */
export interface PipeReceiver {
  /** Bytes arrived, never none. Nobody changes them afterwards, and the receiver does not either. */
  onBytes(bytes: Uint8Array): void
  /** There is room again, after `write` returned false. */
  onDrain(): void
  /**
   * It is over and its handle is released, whoever ended it; told once, and after everything that arrived was told,
   * unless it was destroyed. The error is what broke it, if it broke.
   */
  onClosed(error?: Error): void
}

/** Bytes in, bytes out. It begins paused. When the other side ends it, it ends itself too, and is then closed. */
export interface Pipe {
  /** Says who is told from now on; one at a time. What happened before there was anybody is told to the first. */
  receive(receiver: PipeReceiver): void
  /**
   * Sends bytes in order: they are taken in any case, and nobody changes them afterwards. Ignored once ended.
   *
   * @param parts - one after the other; to be sent together where that saves work
   * @returns false: too much waits already, `onDrain` says when to go on
   */
  write(parts: readonly Uint8Array[]): boolean
  /** Stops telling of bytes, so that the other side has to wait before long. */
  pause(): void
  /** Tells of bytes. */
  resume(): void
  /** Sends what was written, then the end. */
  end(): void
  /** Lets go of everything at once. The other side sees that it broke. May be called again. */
  destroy(): void
  /**
   * Whether the other side has proven to be who it says it is, by a certificate or a key. Absent: it has not.
   *
   * @throws {TransportError} it has proven to be somebody else
   */
  authenticate?(claimed: SenderRef): boolean
}

/** Bytes in one piece; a single part is returned as it is. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0]
  const joined = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/**
 * Ends a pipe that is of no more use: what was written leaves, what arrives is ignored, and whoever does not end his
 * side in time is cut off.
 *
 * @param pipe - not closed yet
 * @returns resolves when it is closed
 */
export function endPipe(pipe: Pipe, system: Pick<System, 'startTimer'>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = system.startTimer(() => pipe.destroy(), timeoutMs)
    pipe.receive({
      onBytes: () => {},
      onDrain: () => {},
      onClosed: () => {
        cancel()
        resolve()
      },
    })
    pipe.resume()
    pipe.end()
  })
}
