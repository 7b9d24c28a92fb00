/** The messenger of Node: all that runs anywhere, streams as Node has them, and handlers in threads of their own. */

import type { Duplex } from 'node:stream'
import type { StreamContext, StreamOptions } from './channels.ts'
import { type DuplexOptions, duplexOf } from './duplex.ts'
import type { Handler } from './handler.ts'
import type { MessagingNode } from './lines.ts'
import { type MessengerOptions, resolveMessengerOptions } from './options.ts'
import { readPluginFolder } from './plugin-folder.ts'
import type { FolderPlugin } from './plugins/index.ts'
import type { Port, Service, ServiceMode } from './services.ts'
import { WebMessenger } from './web-messenger.ts'
import { type WorkerHandler, type WorkerPart, Workers, workerSource } from './workers/index.ts'

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
  readonly #workers: Workers
  #ending: Promise<void> | undefined

  constructor(node: MessagingNode, options?: MessengerOptions) {
    const resolved = resolveMessengerOptions(options)
    super(node, resolved)
    this.#workers = new Workers({ max: resolved.workersMax, tellError: (error) => this.tellError(error) })
  }

  /**
   * Handles what others request and send under a name. With `{ worker: { file, export } }` the handler lives in a thread:
   * it may compute for long, spin or crash, and the node goes on.
   *
   * @returns takes the handler away again, and ends its thread if nobody else lives there
   * @throws {MessagingError} `GOSSIP_HANDLER_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_MESSENGER_CLOSED`
   * @throws {InvalidOptionError} not a name of 1 to 256 bytes, or neither a function nor a worker
   */
  override handle(name: string, handler: Handler | WorkerHandler): () => void {
    const part = this.#partOf(handler)
    if (part === undefined) return super.handle(name, handler as Handler)
    const remove = orClose(part, () => super.handle(name, part.handler))
    return () => {
      remove()
      part.close()
    }
  }

  /**
   * Opens a port of this node. The service is gossiped, and found by its name at every node. With
   * `{ worker: { file, export } }` the handler lives in a thread, and `ready` of the service says when it is there.
   *
   * @param port - 1 to 65535, or a name
   * @param facts - `name`: by default the port's; `mode`: what it takes, and all that it takes
   * @throws {MessagingError} `GOSSIP_PORT_TAKEN`, `GOSSIP_HANDLER_LIMIT`, `GOSSIP_MESSENGER_CLOSED`
   * @throws {GossipError} what `Gossipmonger.set` throws; the port is not open
   */
  override open(
    port: Port,
    facts: { readonly name?: string; readonly mode: ServiceMode },
    handler: Handler | WorkerHandler,
  ): Service {
    const part = this.#partOf(handler)
    if (part === undefined) return super.open(port, facts, handler as Handler)
    const service = orClose(part, () => super.open(port, facts, part.handler))
    const close = (): void => {
      service.close()
      part.close()
    }
    return { ...service, ready: part.ready, close }
  }

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

  /** Ends every session of the node, and every worker. What is pending fails, here and there. May be called again. */
  override close(): Promise<void> {
    // The sessions first: whoever waits for a worker is told that the node has gone, not that its thread has.
    this.#ending ??= this.#endInOrder()
    return this.#ending
  }

  async #endInOrder(): Promise<void> {
    await super.close()
    await this.#workers.close()
  }

  #partOf(handler: Handler | WorkerHandler): WorkerPart | undefined {
    const source = this.#ending === undefined ? workerSource(handler) : undefined
    return source === undefined ? undefined : this.#workers.add(source)
  }

  protected override async readPlugins(folder: string | URL, filesMax: number): Promise<readonly FolderPlugin[]> {
    return readPluginFolder(folder, filesMax)
  }

  #duplexOf(channel: Parameters<typeof duplexOf>[0], options: DuplexOptions): Duplex {
    return duplexOf(channel, options, (error) => this.tellError(error))
  }
}

/** A handler that nobody can reach needs no worker. */
function orClose<T>(part: WorkerPart, work: () => T): T {
  try {
    return work()
  } catch (error) {
    part.close()
    throw error
  }
}
