import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deferred, failureOf, type Member, withCluster } from './cluster.ts'

const reroute = suite('reroute')

/** Peers that answer when told to, and what they were asked and told. */
function servants(members: readonly Member[]): {
  readonly asked: string[]
  readonly cancelled: string[]
  readonly answers: Map<string, (answer: string) => void>
} {
  const asked: string[] = []
  const cancelled: string[] = []
  const answers = new Map<string, (answer: string) => void>()
  for (const { node, messenger } of members) {
    messenger.handle('job', (_, { signal }) => {
      asked.push(node.id)
      signal.addEventListener('abort', () => cancelled.push(node.id))
      const answer = deferred<string>()
      answers.set(node.id, answer.resolve)
      return answer.promise
    })
  }
  return { asked, cancelled, answers }
}

reroute(
  'S1.24 C25 of several peers the next is asked when the last has stalled; the first answer counts, the others are cancelled',
  withCluster(async (cluster) => {
    const [ada, ...others] = await cluster.start('ada', 'bob', 'cy', 'dan')
    const { asked, cancelled, answers } = servants(others)
    const answer = ada?.messenger.request(['bob', 'cy', 'dan'], 'job', null, { stallAfterMs: 100 })
    await cluster.system.run(99)
    assert.equal(asked, ['bob'])
    await cluster.system.run(100)
    assert.equal(asked, ['bob', 'cy'])
    answers.get('cy')?.('of cy')
    assert.is(await answer, 'of cy')
    await cluster.system.run(500)
    assert.equal([asked, cancelled], [['bob', 'cy'], ['bob']])
    answers.get('bob')?.('of bob')
    await cluster.system.run(1)
    assert.equal(ada?.errors, [])
  }),
)

reroute(
  'the one that stalled may still be the first to answer',
  withCluster(async (cluster) => {
    const [ada, ...others] = await cluster.start('ada', 'bob', 'cy')
    const { cancelled, answers } = servants(others)
    const answer = ada?.messenger.request(['bob', 'cy'], 'job', null, { stallAfterMs: 100 })
    await cluster.system.run(101)
    answers.get('bob')?.('of bob')
    assert.is(await answer, 'of bob')
    await cluster.system.run(1)
    assert.equal(cancelled, ['cy'])
  }),
)

reroute(
  'a peer that fails is followed by the next at once',
  withCluster(async (cluster) => {
    const [ada, bob, cy] = await cluster.start('ada', 'bob', 'cy')
    if (bob !== undefined) await cluster.crash(bob)
    cy?.messenger.handle('job', () => 'of cy')
    assert.is(await ada?.messenger.request(['bob', 'zoe', 'cy'], 'job'), 'of cy')
  }),
)

reroute(
  'when all have failed, each failure is told',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada', 'bob')
    const failure = await failureOf(ada?.messenger.request(['zoe', 'bob'], 'job') as Promise<void>)
    assert.is(failure.code, 'GOSSIP_PEERS_FAILED')
    const { errors } = failure as unknown as { errors: { code: string }[] }
    assert.equal(
      errors.map(({ code }) => code),
      ['GOSSIP_PEER_UNKNOWN', 'GOSSIP_HANDLER_UNKNOWN'],
    )
  }),
)

reroute(
  'the time is for all peers together',
  withCluster(async (cluster) => {
    const [ada, ...others] = await cluster.start('ada', 'bob', 'cy')
    const { cancelled } = servants(others)
    const failure = failureOf(
      ada?.messenger.request(['bob', 'cy'], 'job', null, { stallAfterMs: 100, timeoutMs: 150 }) as Promise<void>,
    )
    await cluster.system.run(151)
    assert.is((await failure).code, 'GOSSIP_REQUEST_TIMEOUT')
    assert.equal(cancelled.sort(), ['bob', 'cy'])
  }),
)

reroute.run()
