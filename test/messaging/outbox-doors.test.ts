/** What an outbox refuses: options, places of others, what is no message. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Outbox } from '../../src/messaging/index.ts'
import { MemoryStorage } from '../../src/storage/index.ts'
import { bundle } from '../browser/bundle.ts'
import { failureOf, withCluster } from './cluster.ts'
import { withPosts } from './post-office.ts'

const doors = suite('outbox doors')

doors(
  "a messenger has one outbox, and a place belongs to it alone: neither a node's nor another outbox's",
  withPosts(async (office) => {
    const a = await office.start('a')
    const { messenger } = a.member
    assert.throws(() => new Outbox(messenger, { storage: 'memory' }), /handler already/)
    await a.outbox.close()
    const storage = new MemoryStorage()
    await storage.open({ clusterId: 'gossipmonger', id: 'a' })
    await storage.close()
    const wrong = new Outbox(messenger, { storage })
    assert.is((await failureOf(wrong.open())).code, 'GOSSIP_STORAGE_FOREIGN')
    await wrong.close()
    const strange = new MemoryStorage()
    await strange.open({ clusterId: 'outbox of gossipmonger', id: 'a' })
    await strange.append([{ type: 'set', key: 'out ["b","1"]', value: { stream: 's', number: 0 } }])
    await strange.close()
    const corrupt = new Outbox(messenger, { storage: strange })
    assert.is((await failureOf(corrupt.open())).code, 'GOSSIP_STORAGE_CORRUPT')
    await corrupt.close()
    await strange.open({ clusterId: 'outbox of gossipmonger', id: 'a' })
  }),
)

doors(
  'who delivers what is no message loses the session, and is told of',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.cluster.add('b')
    await office.run(6_000)
    const wrong: unknown[] = [undefined, 1, new Uint8Array(0), new Uint8Array([0, 9, 1, 0])]
    for (const payload of wrong) {
      const failure = await failureOf(b.messenger.area('outbox').request('a', 'deliver', payload))
      assert.ok(['GOSSIP_FRAME_MALFORMED', 'GOSSIP_SESSION_CLOSED'].includes(failure.code), failure.code)
      await office.run(2_000)
      assert.is(b.messenger.stats.sessions, 0)
    }
    assert.equal(
      a.member.errors.map(({ code }) => code),
      wrong.map(() => 'GOSSIP_FRAME_MALFORMED'),
    )
    assert.equal(a.handled, [])
  }),
)

doors(
  'options that cannot be are refused by name',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    const bad: [object, string][] = [
      [{}, 'storage'],
      [{ storage: {} }, 'storage'],
      [{ storage: 'memory', attemptsMax: 0 }, 'attemptsMax'],
      [{ storage: 'memory', retryDelayMs: 100, retryDelayMsMax: 10 }, 'retryDelayMsMax'],
      [{ storage: 'memory', undeliverable: 'hide' }, 'undeliverable'],
      [{ storage: 'memory', clusterId: '' }, 'clusterId'],
      [{ storage: 'memory', system: {} }, 'system'],
      [{ storage: 'memory', retries: 3 }, 'options.retries'],
    ]
    for (const [options, name] of bad) {
      assert.throws(
        () => a && new Outbox(a.messenger, options as { storage: 'memory' }),
        (error: { option?: string; message: string }) => error.message.startsWith(name),
        name,
      )
    }
  }),
)

doors('pages can have an outbox, and load none of it where they have not', async () => {
  const messaging = 'gossipmonger-engine/messaging'
  const isOutbox = (path: string): boolean => path.includes('messaging/outbox/')
  const having = await bundle(`export { Messenger, Outbox } from '${messaging}'`)
  assert.not.match(having.text, /["'`]node:/)
  assert.ok(having.inputs.some(isOutbox))
  assert.not(having.inputs.some((path) => path.includes('dist/storage/')))
  const without = await bundle(`export { Messenger } from '${messaging}'`)
  assert.equal(without.inputs.filter(isOutbox), [])
})

doors.run()
