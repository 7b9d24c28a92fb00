/**
 * A digest on its way out. Its JSON is made when somebody asks for it: whoever can hand the digest itself to the engine
 * that receives it, as a simulator does, never pays for the wire form.
 */

import type { JsonValue } from '../json/index.ts'
import type { PeerRef } from '../ports.ts'
import { type Digest, writeDigest } from '../reconcile/index.ts'
import type { OutMessage } from './events.ts'

/** A digest and, once asked for, its JSON: shared by all it is sent to. */
export class OutDigest {
  readonly body: Digest
  #payload: JsonValue | undefined

  constructor(body: Digest) {
    this.body = body
  }

  /** Its JSON. O(entries) the first time. */
  get payload(): JsonValue {
    this.#payload ??= writeDigest(this.body)
    return this.#payload
  }
}

/** A digest and one of those it is sent to. */
export class DigestMessage implements OutMessage {
  readonly kind = 'digest'
  readonly to: PeerRef
  readonly #digest: OutDigest

  constructor(to: PeerRef, digest: OutDigest) {
    this.to = to
    this.#digest = digest
  }

  get body(): Digest {
    return this.#digest.body
  }

  get payload(): JsonValue {
    return this.#digest.payload
  }
}
