import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type WatchChange, type WatchOptions } from '../../src/core/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

interface Context {
  system: VirtualSystem
  a: Gossipmonger
  b: Gossipmonger
}

const watching = suite<Context>('watch')

watching.before.each(async (context) => {
  const network = new MemoryNetwork()
  context.system = new VirtualSystem()
  const options = { system: context.system, seeds: ['a'] }
  context.a = await new Gossipmonger({ id: 'a' }, { ...options, transport: network.transport('a') }).start()
  context.b = await new Gossipmonger({ id: 'b' }, { ...options, transport: network.transport('b') }).start()
  await context.system.run(3_000)
})

watching.after.each(async ({ a, b }) => {
  await a.close()
  await b.close()
})

async function take(changes: AsyncIterator<WatchChange>, count: number): Promise<string[]> {
  const told: string[] = []
  for (let i = 0; i < count; i++) told.push(shown((await changes.next()).value))
  return told
}

function shown(change: WatchChange | undefined): string {
  if (change === undefined) return 'end'
  if (change.type === 'set') return `${change.peer}.${change.key}=${JSON.stringify(change.value)}`
  if (change.type === 'delete') return `${change.peer}.${change.key} gone`
  return change.type === 'peer' ? `${change.peer} ${change.status}` : change.type
}

watching('the present state comes first, then synced, then what changes', async ({ a, b, system }) => {
  a.set('k', 1)
  b.set('own', 0)
  await system.run(3_000)
  const changes = b.watch()
  assert.equal(await take(changes, 4), ['a live', 'b.own=0', 'a.k=1', 'synced'])
  a.set('k', 2)
  await system.run(3_000)
  assert.equal(await take(changes, 1), ['a.k=2'])
})

watching('a reader that falls behind sees the latest state of each key, deletions too', async ({ a, b, system }) => {
  a.set('gone', 0)
  await system.run(2_000)
  const changes = b.watch({ peers: ['a'] })
  assert.equal(await take(changes, 3), ['a live', 'a.gone=0', 'synced'])
  for (let value = 1; value <= 5; value++) {
    a.set('k', value)
    a.set('gone', value)
    await system.run(2_000)
  }
  a.delete('gone')
  await system.run(2_000)
  assert.equal(await take(changes, 2), ['a.k=5', 'a.gone gone'])
})

watching('keys that came and went while the reader was away are not told, and do not pile up', async ({ a }) => {
  const changes = a.watch({ peers: ['a'] })
  assert.equal(await take(changes, 1), ['synced'])
  a.set('kept', 0)
  for (let i = 0; i < 1_000; i++) {
    a.set(`brief-${i}`, i)
    a.delete(`brief-${i}`)
  }
  a.set('last', 1)
  assert.equal(await take(changes, 2), ['a.kept=0', 'a.last=1'])
})

watching('prefix and peers choose what is told', async ({ a, b }) => {
  b.set('x/1', 1)
  b.set('y/1', 1)
  assert.equal(await take(b.watch({ prefix: 'x/', peers: ['b'] }), 2), ['b.x/1=1', 'synced'])
  assert.equal(await take(a.watch({ prefix: 'x/', peers: [] }), 1), ['synced'])
})

watching('readers that wait are told when something comes, each of them once', async ({ a }) => {
  const changes = a.watch({ peers: ['a'] })
  await changes.next()
  const first = changes.next()
  const second = changes.next()
  a.set('k1', 1)
  a.set('k2', 2)
  assert.equal([shown((await first).value), shown((await second).value)], ['a.k1=1', 'a.k2=2'])
})

watching('a watch ends with its signal, its loop and its node', async ({ a }) => {
  const controller = new AbortController()
  const aborted = a.watch({ signal: controller.signal })
  const left = a.watch()
  const closed = a.watch({ peers: [] })
  await closed.next()
  const waiting = closed.next()
  controller.abort()
  assert.is((await aborted.next()).done, true)
  for await (const _change of left) break
  assert.is((await left.next()).done, true)
  await a.close()
  assert.is((await waiting).done, true)
})

watching('S3.8 a removed peer takes its keys along', async ({ a, b, system }) => {
  a.set('k', 1)
  await system.run(3_000)
  const changes = b.watch({ peers: ['a'] })
  assert.equal(await take(changes, 3), ['a live', 'a.k=1', 'synced'])
  await a.close()
  await system.run(60_000)
  assert.equal(await take(changes, 1), ['a dead'])
  await system.run(3_600_000)
  assert.equal(await take(changes, 2), ['a.k gone', 'a removed'])
})

watching('S3.30 only some keys, all but some, and all but some peers can be followed', async ({ a, b, system }) => {
  for (const key of ['x/1', 'x/2', 'y/1']) a.set(key, key)
  b.set('x/1', 'own')
  await system.run(3_000)
  const seen = async (options: WatchOptions): Promise<string[]> => {
    const all: string[] = []
    for await (const change of b.watch(options)) {
      if (change.type === 'synced') return all
      if (change.type === 'set') all.push(`${change.peer}.${change.key}`)
      else all.push(change.peer)
    }
    return ['ended']
  }
  assert.equal(await seen({ keys: ['x/1', 'none'] }), ['a', 'b.x/1', 'a.x/1'])
  assert.equal(await seen({ prefix: 'x/', except: { keys: ['x/1'] } }), ['a', 'a.x/2'])
  assert.equal(await seen({ except: { prefix: 'x/' } }), ['a', 'a.y/1'])
  assert.equal(await seen({ except: { peers: ['a'] } }), ['b.x/1'])
  assert.equal(await seen({ peers: ['a', 'b'], except: { peers: ['b'], prefix: 'y' } }), ['a', 'a.x/1', 'a.x/2'])
})

watching('S3.30 what is excepted stays untold when it changes', async ({ a, b, system }) => {
  const changes = b.watch({ except: { keys: ['noise'] } })
  assert.equal(await take(changes, 2), ['a live', 'synced'])
  a.set('noise', 1)
  a.set('news', 1)
  await system.run(3_000)
  assert.equal(await take(changes, 1), ['a.news=1'])
})

watching('a selection that is none is refused', ({ b }) => {
  const wrong = [{ keys: 'x/1' }, { peers: [1] }, { prefix: 1 }, { except: { all: true } }, { except: 1 }, { key: 'x' }]
  for (const options of wrong) {
    assert.throws(
      () => b.watch(options as unknown as WatchOptions),
      (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID',
    )
  }
})

watching.run()
