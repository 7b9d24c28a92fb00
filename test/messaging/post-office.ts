/** Nodes with outboxes in virtual time, whose storages outlive them. */

import { Outbox, type OutboxOptions } from '../../src/messaging/index.ts'
import { ScriptedStorage } from '../harness/scripted-storage.ts'
import { type ClusterOptions, type Member, MessagingCluster } from './cluster.ts'

/** One life of one node. */
export interface Post {
  readonly id: string
  readonly member: Member
  readonly outbox: Outbox
  readonly storage: ScriptedStorage
  /** What was handled under the name `job`, by sender and payload. */
  readonly handled: string[]
  /** What its outbox told. */
  readonly told: string[]
}

/** A cluster of them. */
export class PostOffice {
  readonly cluster: MessagingCluster
  readonly #posts = new Set<Post>()
  readonly #closing: Promise<void>[] = []
  readonly #options: Omit<OutboxOptions, 'storage'>

  constructor(options: Omit<OutboxOptions, 'storage'> = {}, cluster: ClusterOptions = {}) {
    this.#options = options
    this.cluster = new MessagingCluster(cluster)
  }

  /**
   * Starts a node.
   *
   * @param handler - of `job`, after what came was noted
   */
  async start(
    id: string,
    storage: ScriptedStorage = new ScriptedStorage(),
    handler: (job: string) => unknown = () => {},
  ): Promise<Post> {
    const member = await this.cluster.add(id)
    const { system } = this.cluster
    const outbox = new Outbox(member.messenger, { storage, system, ...this.#options })
    const post: Post = { id, member, outbox, storage, handled: [], told: [] }
    this.#posts.add(post)
    outbox.handle('job', (payload, { from }) => {
      post.handled.push(`${from} ${String(payload)}`)
      return handler(String(payload))
    })
    outbox.on('delivered', ({ payload }) => post.told.push(`delivered ${String(payload)}`))
    outbox.on('expired', ({ payload }, { code }) => post.told.push(`${code} ${String(payload)}`))
    outbox.on('undeliverable', ({ payload }, { code }) => post.told.push(`${code} ${String(payload)}`))
    await outbox.open()
    return post
  }

  /** Ends a node as a kill would; returns what lies on its disk. */
  async kill(post: Post): Promise<ScriptedStorage> {
    const disk = post.storage.copy()
    // What it does until all its handles are closed leaves no trace on the disk, so nobody is told that it was done.
    post.storage.failure = new Error('killed')
    this.#posts.delete(post)
    await this.cluster.crash(post.member)
    // It may wait for a handler, whose time passes with that of all others.
    this.#closing.push(post.outbox.close())
    return disk
  }

  /** Ends a node in good order; returns what lies on its disk. */
  async end(post: Post): Promise<ScriptedStorage> {
    await post.outbox.close()
    return this.kill(post)
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    await this.cluster.system.run(ms)
  }

  async close(): Promise<void> {
    for (const { outbox } of this.#posts) this.#closing.push(outbox.close())
    await this.run(6_000)
    await Promise.all(this.#closing)
    await this.cluster.close()
  }
}

/** Runs a test with a post office that is closed afterwards. */
export function withPosts(
  test: (office: PostOffice) => Promise<void>,
  options?: Omit<OutboxOptions, 'storage'>,
): () => Promise<void> {
  return async () => {
    const office = new PostOffice(options)
    try {
      await test(office)
    } finally {
      await office.close()
    }
  }
}
