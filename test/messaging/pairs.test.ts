import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Pair, PairEnd } from '../../src/messaging/index.ts'
import { encodeRequest, encodeSend } from '../../src/messaging/message.ts'
import { encodePayload } from '../../src/messaging/payload.ts'
import { failureOf, type Member, withCluster } from './cluster.ts'

const pairs = suite('pairs')

/** What a messenger tells of its pairs. */
function diaryOf({ messenger }: Member): string[] {
  const diary: string[] = []
  messenger.on('pair', ({ peer }) => diary.push(`pair ${peer}`))
  messenger.on('unpair', ({ peer }, { reason }) => diary.push(`${reason} ${peer}`))
  return diary
}

pairs(
  'S5.3 S5.14 two nodes have each other to themselves; whoever asks one of them is refused at once',
  withCluster(async (cluster) => {
    const [ada, bob, cy] = (await cluster.start('ada', 'bob', 'cy')) as [Member, Member, Member]
    const diaries = [ada, bob, cy].map(diaryOf)
    bob.messenger.handle('hi', (_, { from }) => `hi ${from}`)
    const pair = await ada.messenger.pair('bob')
    assert.equal([pair.peer, pair.isOpen, bob.messenger.currentPair?.peer], ['bob', true, 'ada'])
    assert.is(await pair.request('hi'), 'hi ada')
    for (const peer of ['bob', 'ada']) {
      const failure = await failureOf(cy.messenger.pair(peer))
      assert.equal([failure.name, failure.code], ['RemoteError', 'GOSSIP_PAIR_BUSY'])
    }
    const own = await failureOf(ada.messenger.pair('cy'))
    assert.equal([own.name, own.code], ['MessagingError', 'GOSSIP_PAIR_BUSY'])
    assert.equal(diaries, [['pair bob'], ['pair ada'], []])
  }),
)

pairs(
  'S5.4 S5.15 either end frees both, who are told, and may pair anew',
  withCluster(async (cluster) => {
    const [ada, bob, cy] = (await cluster.start('ada', 'bob', 'cy')) as [Member, Member, Member]
    const diaries = [ada, bob].map(diaryOf)
    const first = await ada.messenger.pair('bob')
    bob.messenger.currentPair?.release()
    assert.equal(await first.ended, { reason: 'freed', error: undefined })
    assert.is((await failureOf(first.request('hi'))).code, 'GOSSIP_PAIR_ENDED')
    const second = await ada.messenger.pair('bob')
    second.release()
    second.release()
    await cluster.system.run(1)
    assert.equal(diaries, [
      ['pair bob', 'freed bob', 'pair bob', 'released bob'],
      ['pair ada', 'released ada', 'pair ada', 'freed ada'],
    ])
    assert.is((await cy.messenger.pair('ada')).peer, 'ada')
    assert.is(bob.messenger.currentPair, undefined)
  }),
)

pairs(
  'S5.5 the loss of one frees the other, who is told',
  withCluster(async (cluster) => {
    const [ada, bob, cy] = (await cluster.start('ada', 'bob', 'cy')) as [Member, Member, Member]
    const pair = await ada.messenger.pair('bob')
    await cluster.crash(bob)
    assert.is((await pair.ended).reason, 'lost')
    assert.equal([pair.isOpen, ada.messenger.currentPair], [false, undefined])
    await ada.messenger.pair('cy')
    assert.is(cy.messenger.currentPair?.peer, 'ada')
  }),
)

pairs(
  'two that ask each other at once become one pair',
  withCluster(async (cluster) => {
    const [ada, bob] = (await cluster.start('ada', 'bob')) as [Member, Member]
    const diaries = [ada, bob].map(diaryOf)
    const [near, far] = await Promise.all([ada.messenger.pair('bob'), bob.messenger.pair('ada')])
    assert.equal([near.peer, far.peer, near.isOpen, far.isOpen], ['bob', 'ada', true, true])
    near.release()
    assert.is((await far.ended).reason, 'freed')
    assert.equal(diaries, [
      ['pair bob', 'released bob'],
      ['pair ada', 'freed ada'],
    ])
  }),
)

pairs(
  'three that ask around a circle end as one pair at most, and nobody believes in another',
  withCluster(async (cluster) => {
    const members = (await cluster.start('ada', 'bob', 'cy')) as [Member, Member, Member]
    const [ada, bob, cy] = members
    await Promise.allSettled([ada.messenger.pair('bob'), bob.messenger.pair('cy'), cy.messenger.pair('ada')])
    await cluster.system.run(10)
    for (const { node, messenger } of members) {
      const peer = messenger.currentPair?.peer
      const other = members.find((member) => member.node.id === peer)
      if (peer !== undefined) assert.is(other?.messenger.currentPair?.peer, node.id)
    }
  }),
)

pairs(
  'who is freed at once is not left in half a pair',
  withCluster(async (cluster) => {
    const [ada, bob] = (await cluster.start('ada', 'bob')) as [Member, Member]
    bob.messenger.on('pair', (pair) => queueMicrotask(() => pair.release()))
    const outcome = await ada.messenger.pair('bob').then(
      (pair: Pair): Promise<PairEnd> => pair.ended,
      (error: { code: string }) => error.code,
    )
    assert.ok(outcome === 'GOSSIP_PAIR_ENDED' || (outcome as PairEnd).reason === 'freed')
    await cluster.system.run(1)
    assert.equal([ada.messenger.currentPair, bob.messenger.currentPair], [undefined, undefined])
  }),
)

pairs(
  'a late release of an earlier question frees nobody',
  withCluster(async (cluster) => {
    const [eve, bob] = (await cluster.start('eve', 'bob')) as [Member, Member]
    await eve.messenger.close()
    const session = await eve.transport.connect({ id: 'bob', transport: 'bob' })
    const target = (name: string) => ({ space: 'library', name }) as const
    session.send(encodeRequest(1, target('pair'), encodePayload('eve 2')))
    session.send(encodeSend(target('unpair'), encodePayload(['eve 1'])))
    await cluster.system.run(1)
    assert.is(bob.messenger.currentPair?.peer, 'eve')
    session.send(encodeSend(target('unpair'), encodePayload(['eve 2'])))
    await cluster.system.run(1)
    assert.is(bob.messenger.currentPair, undefined)
  }),
)

pairs(
  'S5.24 who asks in vain, gives up or asks itself is told why, and is free',
  withCluster(
    async (cluster) => {
      const [ada, bob] = (await cluster.start('ada', 'bob')) as [Member, Member]
      assert.is((await failureOf(ada.messenger.pair('bob'))).code, 'GOSSIP_PAIR_REFUSED')
      assert.is((await failureOf(ada.messenger.pair('zoe'))).code, 'GOSSIP_PEER_UNKNOWN')
      assert.is((await failureOf(ada.messenger.pair('ada'))).code, 'GOSSIP_OPTION_INVALID')
      const signal = AbortSignal.abort()
      assert.is((await failureOf(ada.messenger.pair('bob', { signal }))).code, 'GOSSIP_ABORTED')
      assert.is((await bob.messenger.pair('ada')).peer, 'ada')
    },
    { messenger: { acceptsPair: (peer) => peer !== 'ada' } },
  ),
)

pairs(
  'S5.8 S5.18 clients lists who can be reached, and who is',
  withCluster(async (cluster) => {
    const [ada, bob, cy] = (await cluster.start('ada', 'bob', 'cy')) as [Member, Member, Member]
    await ada.messenger.send('cy', 'x')
    assert.equal(ada.messenger.clients(), [
      { id: 'bob', status: 'live', isConnected: false },
      { id: 'cy', status: 'live', isConnected: true },
    ])
    await cluster.crash(bob)
    await cluster.system.run(60_000)
    assert.equal(
      ada.messenger.clients().map(({ id }) => id),
      ['cy'],
    )
    assert.is(cy.errors.length, 1)
  }),
)

pairs.run()
