/** A channel as a `Duplex` of Node. This is the only file of the folder that needs Node's streams. */

import { Duplex } from 'node:stream'
import { type Channel, InvalidOptionError, looseOptions } from '../core/index.ts'
import { asError, codeOf } from './errors.ts'

/** How the Duplex behaves. */
export interface DuplexOptions {
  /** Whether it stays writable when the other side has ended, until it is ended too. @defaultValue true */
  readonly allowHalfOpen?: boolean | undefined
}

/** Bytes that may wait in the Duplex itself, each way, beside the window of the channel. */
const HIGH_WATER_BYTES = 65_536

/**
 * Makes a Duplex of a channel, which belongs to it from now on. `write` is done when the bytes have left this side, as far
 * as the other side's credit goes. `destroy(error)` resets the channel with the error's code, else
 * `GOSSIP_STREAM_DESTROYED`; a reset or a lost session destroys it with a coded error.
 *
 * @param tellError - told of an error that nobody listens to: what a peer does ends no process
 */
export function duplexOf(channel: Channel, options: DuplexOptions, tellError: (error: Error) => void): Duplex {
  const { allowHalfOpen = true } = looseOptions(options, 'options', ['allowHalfOpen'])
  if (typeof allowHalfOpen !== 'boolean') throw new InvalidOptionError('allowHalfOpen', 'a boolean', allowHalfOpen)
  const duplex = new ChannelDuplex(channel, allowHalfOpen)
  duplex.on('error', (error) => {
    if (duplex.listenerCount('error') === 1) tellError(error)
  })
  return duplex
}

class ChannelDuplex extends Duplex {
  readonly #channel: Channel
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>

  constructor(channel: Channel, allowHalfOpen: boolean) {
    super({ allowHalfOpen, readableHighWaterMark: HIGH_WATER_BYTES, writableHighWaterMark: HIGH_WATER_BYTES })
    this.#channel = channel
    this.#reader = channel.readable.getReader()
    this.#writer = channel.writable.getWriter()
    // Also while nobody reads or writes, the end of the channel is the end of this.
    const fail = (reason: unknown): void => void this.destroy(asError(reason))
    this.#reader.closed.catch(fail)
    this.#writer.closed.catch(fail)
  }

  override _read(): void {
    this.#reader.read().then(
      ({ done, value }) => void this.push(done ? null : value),
      (reason: unknown) => void this.destroy(asError(reason)),
    )
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#settle(this.#writer.write(chunk), callback)
  }

  override _writev(chunks: { readonly chunk: Uint8Array }[], callback: (error?: Error | null) => void): void {
    // They leave in order, so the last one is done when all are.
    const written = chunks.map(({ chunk }) => this.#writer.write(chunk))
    this.#settle(Promise.all(written), callback)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#settle(this.#writer.close(), callback)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.readableEnded || !this.writableFinished) {
      this.#channel.reset(codeOf(error, 'GOSSIP_STREAM_DESTROYED'))
    }
    callback(error)
  }

  #settle(work: Promise<unknown>, callback: (error?: Error | null) => void): void {
    work.then(
      () => callback(),
      (reason: unknown) => callback(asError(reason)),
    )
  }
}
