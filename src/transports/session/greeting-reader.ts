/** Waits for the first line of a session on a pipe, and keeps what comes behind it for the session. */

import { GossipError, MalformedMessageError, type System, TransportError } from '../../core/index.ts'
import { GREETING_BYTES_MAX, type Greeting, parseGreeting } from './greeting.ts'
import { joinBytes, type Pipe, type PipeReceiver } from './pipe.ts'

const LINE_FEED = 0x0a

/** Reads one first line. */
export class GreetingReader {
  readonly #pipe: Pipe
  #head: Uint8Array
  #received: Uint8Array[] = []
  #receivedBytes = 0
  #settle: { resolve(greeting: Greeting): void; reject(error: Error): void } | undefined
  #closed: { readonly error: Error | undefined } | undefined

  /** @param head - bytes of the pipe that were read before */
  constructor(pipe: Pipe, head: Uint8Array = new Uint8Array(0)) {
    this.#pipe = pipe
    this.#head = head
  }

  /** Bytes that arrived so far. */
  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Whether the pipe is closed. */
  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  /** What came behind the first line. */
  get rest(): Uint8Array {
    return joinBytes(this.#received)
  }

  /**
   * Waits for the line; the pipe is paused behind it, and destroyed if there is none.
   *
   * @throws {GossipError} as a rejection: `GOSSIP_HANDSHAKE_TIMEOUT`; `GOSSIP_MESSAGE_MALFORMED`; the pipe closed,
   *   `GOSSIP_CONNECTION_LOST`; the reason of the signal
   */
  read(system: System, timeoutMs: number, signal?: AbortSignal): Promise<Greeting> {
    return new Promise<Greeting>((resolve, reject) => {
      const cancel = system.startTimer(() => this.#fail(timeout(timeoutMs)), timeoutMs)
      const onAbort = (): void => this.#fail(signal?.reason as Error)
      const settled = (): void => {
        this.#settle = undefined
        cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      this.#settle = {
        resolve: (greeting) => {
          settled()
          resolve(greeting)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      signal?.addEventListener('abort', onAbort)
      this.#pipe.receive(this.#receiver())
      if (signal?.aborted === true) onAbort()
      else this.#begin()
    })
  }

  #begin(): void {
    const head = this.#head
    this.#head = new Uint8Array(0)
    if (head.length > 0) this.#onBytes(head)
    if (this.#settle !== undefined) this.#pipe.resume()
  }

  #receiver(): PipeReceiver {
    return {
      onBytes: (bytes) => this.#onBytes(bytes),
      onDrain: () => {},
      onClosed: (error) => {
        this.#closed = { error }
        this.#settle?.reject(closedError(error))
      },
    }
  }

  #onBytes(bytes: Uint8Array): void {
    this.#received.push(bytes)
    this.#receivedBytes += bytes.length
    if (this.#settle === undefined) return
    const end = bytes.indexOf(LINE_FEED)
    if (end < 0 && this.#receivedBytes < GREETING_BYTES_MAX) return
    const all = joinBytes(this.#received)
    const lineBytes = end < 0 ? all.length : all.length - bytes.length + end
    if (end < 0 || lineBytes >= GREETING_BYTES_MAX) {
      this.#fail(new MalformedMessageError(`the first line of a session takes over ${GREETING_BYTES_MAX} bytes`))
      return
    }
    this.#pipe.pause()
    this.#received = lineBytes + 1 < all.length ? [all.subarray(lineBytes + 1)] : []
    this.#finish(all.subarray(0, lineBytes))
  }

  #finish(line: Uint8Array): void {
    try {
      this.#settle?.resolve(parseGreeting(line))
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #fail(error: Error): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#pipe.destroy()
    settle.reject(error)
  }
}

function timeout(timeoutMs: number): TransportError {
  const problem = `no session began within ${timeoutMs} ms`
  return new TransportError('GOSSIP_HANDSHAKE_TIMEOUT', problem, { direction: 'inbound' })
}

/** A pipe that knows why it closed says so; that the other side is gone is all that is known of others. */
function closedError(cause: Error | undefined): GossipError {
  if (cause instanceof GossipError) return cause
  const problem = `the connection closed before a session began${cause === undefined ? '' : `: ${cause.message}`}`
  return new TransportError('GOSSIP_CONNECTION_LOST', problem, { direction: 'inbound', cause })
}
