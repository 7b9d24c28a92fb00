/**
 * Digests that nodes of ours write for a reader they take for old, or may be. Who reads one answers in the engine's
 * dialect, whether or not he accepts old peers: otherwise two nodes of ours could lock each other into the old one.
 */

import type { Engine } from '../engine/index.ts'
import { RefusedMessageError } from '../errors.ts'
import type { JsonValue } from '../json/index.ts'
import type { PeerRef, SenderRef } from '../ports.ts'
import { parseFlatDigest } from './old-shapes.ts'
import type { OldDialectOptions } from './options.ts'

/** Reads flat digests and remembers who is owed an answer. */
export class FlatGreetings {
  readonly #engine: Engine
  readonly #options: Pick<OldDialectOptions, 'clusterId' | 'peersMax'>
  /** Nodes of ours that wrote a flat digest and are owed one of the engine's in answer. */
  readonly #owed = new Set<string>()

  constructor(engine: Engine, options: Pick<OldDialectOptions, 'clusterId' | 'peersMax'>) {
    this.#engine = engine
    this.#options = options
  }

  /**
   * A node of ours took me for old, or does not know me: it is told in the engine's dialect, and nothing else is read.
   *
   * @returns whether its sender is a node of ours other than this one
   * @throws {MalformedMessageError | RefusedMessageError} it cannot be read, or comes from another cluster
   */
  receive(remote: SenderRef, digest: JsonValue, now: number): boolean {
    const { generation, clusterId, transport } = parseFlatDigest(digest, remote.id)
    if (clusterId !== this.#options.clusterId) {
      const clusters = `${JSON.stringify(clusterId)}, this node is in ${JSON.stringify(this.#options.clusterId)}`
      throw new RefusedMessageError('GOSSIP_CLUSTER_FOREIGN', `a digest of cluster ${clusters}`, remote)
    }
    if (remote.id === this.#engine.id) {
      this.#hearOfMyself(remote, generation, transport, now)
      return false
    }
    if (this.#owed.size >= this.#options.peersMax) this.#owed.clear()
    this.#owed.add(remote.id)
    this.#engine.sendDigest(remote, now)
    return true
  }

  /** Whether a message answers a flat digest; its reader is owed one only. */
  takeOwed({ id }: PeerRef): boolean {
    return id !== undefined && this.#owed.delete(id)
  }

  /** Either my own message that came back, or another process under my id: the engine knows what to do. */
  #hearOfMyself(remote: SenderRef, generation: number, transport: JsonValue, now: number): void {
    const { clusterId } = this.#options
    const versions = { maxVersionSeen: 0, gcVersion: 0, heartbeat: 0 }
    this.#engine.receiveDigest(remote, [{ id: remote.id, transport, generation, ...versions, clusterId, step: 2 }], now)
  }
}
