/** The messenger of Node: all that runs anywhere, and streams as Node has them. */

import type { Duplex } from 'node:stream'
import type { StreamContext, StreamOptions } from './channels.ts'
import { type DuplexOptions, duplexOf } from './duplex.ts'
import { WebMessenger } from './web-messenger.ts'

/** Takes a stream. What it throws destroys the stream, with its code. */
export type StreamListener = (stream: Duplex, context: StreamContext) => unknown

/**
 * Requests, sends, broadcasts, datagrams and streams of one node. Make it before the node is started, and close it
 * before the node is closed.
 *
 * @throws {InvalidOptionError} the constructor, for an option that is unknown or out of range
 * @throws {MessagingError} the constructor, `GOSSIP_MESSENGER_EXISTS`: the node's transport has one already
 */
export class Messenger extends WebMessenger {
  /**
   * Opens a stream to a peer. Many can be open at once; none holds up another, or messages. What the peer does not read
   * keeps `write` from saying true, and is bounded by the window of the channel.
   *
   * @returns a Duplex, once the other side has taken it. Its errors carry codes; one that nobody listens to is an
   *   `error` event of the messenger
   * @throws {TransportError} as a rejection: `GOSSIP_STREAM_UNKNOWN`, nobody takes such streams there; another refusal;
   *   what kept or ended the session
   * @throws {MessagingError} as a rejection: `GOSSIP_STREAM_TIMEOUT`, and as `request` does
   */
  async stream(peerId: string, name: string, options: StreamOptions & DuplexOptions = {}): Promise<Duplex> {
    const { allowHalfOpen, ...rest } = options
    return this.#duplexOf(await this.channel(peerId, name, rest), { allowHalfOpen })
  }

  /**
   * Takes the streams that others open under a name, those of this node itself included.
   *
   * @returns takes the listener away again; streams that are open stay
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_MESSENGER_CLOSED`
   */
  onStream(name: string, listener: StreamListener, options: DuplexOptions = {}): () => void {
    return this.onChannel(name, (channel, context) => listener(this.#duplexOf(channel, options), context))
  }

  #duplexOf(channel: Parameters<typeof duplexOf>[0], options: DuplexOptions): Duplex {
    return duplexOf(channel, options, (error) => this.tellError(error))
  }
}
