import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Hello } from '../../../src/core/index.ts'
import { ann, annAndBen, ben, heardBy, helloOf } from './postponed.ts'

const hello = suite('memory: hello')

hello('both sides say hello once, before the first message', async () => {
  const { post, a, b } = await annAndBen()
  const [heardA, heardB] = [heardBy(a), heardBy(b)]
  a.introduce(helloOf('ann'))
  b.introduce(helloOf('ben'))
  a.digest(ben, ann, 1)
  a.digest(ben, ann, 2)
  b.digest(ann, ben, 3)
  post.deliverAll()
  assert.equal(heardB, [
    { event: 'hello', peer: ann, value: helloOf('ann') },
    { event: 'digest', peer: ann, value: 1 },
    { event: 'digest', peer: ann, value: 2 },
  ])
  assert.equal(heardA, [
    { event: 'hello', peer: ben, value: helloOf('ben') },
    { event: 'digest', peer: ben, value: 3 },
  ])
})

hello('the sender of an rpc is known once it has said hello', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.introduce(helloOf('ann'))
  a.rpc(ben, [])
  post.deliverAll()
  assert.equal(heard.at(-1), { event: 'rpc', peer: ann, value: [] })
})

hello('a new hello is told to those who know the old one', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.introduce(helloOf('ann'))
  a.digest(ben, ann, 1)
  a.introduce(helloOf('ann', { generation: 2 }))
  a.digest(ben, ann, 2)
  post.deliverAll()
  a.introduce(helloOf('ann', { generation: 3 }))
  a.digest(ben, ann, 3)
  post.deliverAll()
  assert.equal(
    heard.filter(({ event }) => event === 'hello').map(({ value }) => (value as Hello).generation),
    [2, 3],
  )
})

hello('another cluster is refused by both sides, and nothing of it is told', async () => {
  const { post, a, b } = await annAndBen()
  const [heardA, heardB] = [heardBy(a), heardBy(b)]
  a.introduce(helloOf('ann'))
  b.introduce(helloOf('ben', { clusterId: 'two' }))
  a.digest(ben, ann, [])
  post.deliverAll()
  assert.equal(heardB, [{ event: 'error', peer: undefined, value: 'GOSSIP_CLUSTER_FOREIGN' }])
  assert.equal(heardA, [{ event: 'error', peer: undefined, value: 'GOSSIP_CLUSTER_FOREIGN' }])
})

hello('S3.10 another protocol version is refused', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.introduce(helloOf('ann', { protocolVersion: 3 }))
  b.introduce(helloOf('ben'))
  a.deltas(ben, ann, [])
  post.deliverAll()
  assert.equal(heard, [{ event: 'error', peer: undefined, value: 'GOSSIP_PROTOCOL_UNSUPPORTED' }])
})

hello('whoever moves to another cluster compares everybody again', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.introduce(helloOf('ann'))
  b.introduce(helloOf('ben'))
  a.digest(ben, ann, [])
  post.deliverAll()
  b.introduce(helloOf('ben', { clusterId: 'two' }))
  a.digest(ben, ann, [])
  post.deliverAll()
  assert.equal(
    heard.map(({ event, value }) => (event === 'error' ? value : event)),
    ['hello', 'digest', 'GOSSIP_CLUSTER_FOREIGN'],
  )
})

hello('a transport that was never introduced compares nothing', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.introduce(helloOf('ann', { clusterId: 'any' }))
  a.digest(ben, ann, [])
  post.deliverAll()
  assert.equal(
    heard.map(({ event }) => event),
    ['hello', 'digest'],
  )
})

hello('a transport that has closed is not greeted any more', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(a)
  b.introduce(helloOf('ben'))
  a.digest(ben, ann, [])
  post.deliverNext()
  await a.close()
  assert.is(post.waiting, 1)
  post.deliverAll()
  assert.equal(heard, [])
})

hello('a transport that closes when greeted hears nothing more', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.introduce(helloOf('ann'))
  b.on('hello', () => void b.close())
  a.digest(ben, ann, [])
  post.deliverAll()
  assert.equal(
    heard.map(({ event }) => event),
    ['hello'],
  )
})

hello.run()
