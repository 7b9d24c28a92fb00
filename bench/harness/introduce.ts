/** Lets a crowd of engines know each other at once, as if they had gossiped for long. */

import type { Engine, JsonValue, OutMessage } from '../../src/core/index.ts'

/** Everybody learns of everybody what a level cluster would know: from one message, and from the first one's digest. */
export function introduce(engines: readonly Engine[]): void {
  const [first] = engines as [Engine]
  const sender = { id: first.id, transport: first.transport }
  const groups = engines.map(groupOf)
  for (const engine of engines) {
    engine.admitSender(sender.id)
    engine.receiveDeltas(sender, groups, 0)
    const body = engine === first ? undefined : bodyOf(first)
    if (body !== undefined) engine.receiveDigestBody(sender, body, 0)
    engine.takeEvents()
    engine.takeMessages()
  }
}

function bodyOf(engine: Engine): OutMessage['body'] {
  engine.sendDigest({ transport: null }, 0)
  return engine.takeMessages()[0]?.body
}

function groupOf({ id, transport, ownMap }: Engine): JsonValue {
  const { generation, gcVersion, maxVersionSeen } = ownMap
  return { id, generation, transport, from: 0, gcVersion, maxVersion: maxVersionSeen, top: maxVersionSeen, entries: [] }
}
