/** What is built on a messenger has names of its own. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf, withCluster } from './cluster.ts'

const area = suite('library area')

area(
  'a name of an area, the same name of another, and the same name of the embedder are three',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    b.messenger.handle('x/name', () => 'embedder')
    b.messenger.area('x').handle('name', () => 'x')
    b.messenger.area('y').handle('name', () => 'y')
    assert.is(await a.messenger.request('b', 'x/name'), 'embedder')
    assert.is(await a.messenger.area('x').request('b', 'name'), 'x')
    assert.is(await a.messenger.area('y').request('b', 'name'), 'y')
    assert.is((await failureOf(a.messenger.area('z').request('b', 'name'))).code, 'GOSSIP_HANDLER_UNKNOWN')
    assert.is((await failureOf(a.messenger.request('b', 'y/name'))).code, 'GOSSIP_HANDLER_UNKNOWN')
  }),
)

area(
  'what is told arrives at the same area, and a handler can be taken away',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const heard: unknown[] = []
    const remove = b.messenger.area('x').handle('news', (payload, { way }) => heard.push([payload, way]))
    await a.messenger.area('x').send('b', 'news', 1)
    await cluster.settle()
    remove()
    await a.messenger.area('x').send('b', 'news', 2)
    await cluster.settle()
    assert.equal(heard, [[1, 'send']])
    assert.is(b.errors[0]?.code, 'GOSSIP_HANDLER_UNKNOWN')
  }),
)

area.run()
