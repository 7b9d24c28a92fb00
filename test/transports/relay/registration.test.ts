/** Who may register with a relay, and who has an id that two want. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BridgeTransport, MemoryNetwork, type RelayServerOptions } from '../../../src/transports/index.ts'
import { codeOf, codes, deliver, endOf, helloOf, type Member, RelayWorld, settle, until } from './relay-world.ts'

const registration = suite('relay registration')

let world: RelayWorld
registration.before.each(() => {
  world = new RelayWorld()
})
registration.after.each(() => world.close())

registration('S5.2 a client is listed with its id and generation, and is gone when it closes', async () => {
  const relay = await world.relay('hub')
  const told: string[] = []
  relay.transport.server?.on('client', ({ id }) => told.push(`+${id}`))
  relay.transport.server?.on('client gone', ({ id }) => told.push(`-${id}`))
  const ann = await world.client('ann', 'hub', { generation: 7 })
  assert.equal(ann.transport.address, { relay: 'hub', id: 'ann' })
  assert.equal(clientsOf(relay), [['ann', 7]])
  await ann.transport.close()
  await until('the registration to end', () => clientsOf(relay).length === 0)
  assert.equal(told, ['+ann', '-ann'])
})

registration('a new generation is told to the relay', async () => {
  const relay = await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  ann.transport.introduce(helloOf('ann', 2))
  await until('the new generation', () => clientsOf(relay)[0]?.[1] === 2)
})

registration('S5.24 a wrong token, and none, are refused', async () => {
  const relay = await world.relay('hub', { token: 's3cret' })
  for (const token of [undefined, 'S3cret']) {
    const ann = world.unopened('ann', { relay: 'hub', token })
    assert.is(await codeOf(ann.transport.listen()), 'GOSSIP_RELAY_TOKEN_WRONG')
  }
  assert.equal(clientsOf(relay), [])
  assert.equal(codes(relay), ['GOSSIP_RELAY_TOKEN_WRONG', 'GOSSIP_RELAY_TOKEN_WRONG'])
  await world.client('ben', 'hub', { token: 's3cret' })
  assert.equal(clientsOf(relay), [['ben', 1]])
})

registration('the user decides, with all that is known', async () => {
  const claims: unknown[] = []
  const relay = await world.relay('hub', {
    authorize: async ({ remote, ...claim }) => {
      claims.push({ ...claim, remote: remote.id })
      await Promise.resolve()
      if (claim.id === 'mallory') throw new Error('who is that?')
      return claim.id === 'ann' ? true : 'only ann'
    },
  })
  await world.client('ann', 'hub', { token: 'hers' })
  const ben = world.unopened('ben', { relay: 'hub' })
  await ben.transport.listen().catch((error: Error) => assert.match(error.message, 'only ann'))
  const mallory = world.unopened('mallory', { relay: 'hub' })
  assert.is(await codeOf(mallory.transport.listen()), 'GOSSIP_RELAY_REFUSED')
  assert.equal(clientsOf(relay), [['ann', 1]])
  assert.equal(claims[0], { id: 'ann', generation: 1, token: 'hers', authenticated: false, remote: 'ann' })
})

registration('a decision that does not come is a refusal', async () => {
  await world.relay('hub', { authorize: () => new Promise<boolean>(() => {}), authorizeTimeoutMs: 10 })
  const ann = world.unopened('ann', { relay: 'hub' })
  assert.is(await codeOf(ann.transport.listen()), 'GOSSIP_RELAY_REFUSED')
})

registration('decisions under way are bounded', async () => {
  await world.relay('hub', { authorize: () => new Promise<boolean>(() => {}), pendingMax: 1 })
  void world
    .unopened('ann', { relay: 'hub' })
    .transport.listen()
    .catch(() => {})
  await settle()
  const ben = world.unopened('ben', { relay: 'hub' })
  assert.is(await codeOf(ben.transport.listen()), 'GOSSIP_RELAY_FULL')
})

registration('a session without a proven id may not register where that is asked for', async () => {
  await world.relay('hub', { requiresAuthentication: true })
  const ann = world.unopened('ann', { relay: 'hub' })
  assert.is(await codeOf(ann.transport.listen()), 'GOSSIP_RELAY_REFUSED')
})

registration('the number of clients is bounded', async () => {
  await world.relay('hub', { clientsMax: 1 })
  await world.client('ann', 'hub')
  const ben = world.unopened('ben', { relay: 'hub' })
  assert.is(await codeOf(ben.transport.listen()), 'GOSSIP_RELAY_FULL')
})

registration('nobody registers under another id than his session has', async () => {
  const relay = await world.relay('hub')
  const mallory = await world.stranger('mallory', 'hub')
  const channel = await mallory.open({ relay: 1, register: 'ann', generation: 9 })
  assert.is(await endOf(channel), 'end')
  assert.equal(clientsOf(relay), [])
  assert.equal(codes(relay), ['GOSSIP_RELAY_REFUSED'])
})

registration('a node that is no relay says so', async () => {
  await world.node('plain')
  const ann = world.unopened('ann', { relay: 'at plain' })
  assert.is(await codeOf(ann.transport.listen()), 'GOSSIP_RELAY_REFUSED')
})

registration('S5.12 a relay that cannot be reached is tried until it can', async () => {
  const states: boolean[] = []
  const ann = await world.client('ann', 'hub', { onRegistration: (isRegistered) => states.push(isRegistered) })
  assert.not(ann.transport.isRegistered)
  assert.equal(codes(ann)[0], 'GOSSIP_CONNECT_FAILED')
  const relay = await world.relay('hub')
  await until('the registration', () => ann.transport.isRegistered)
  await deliver(relay, ann, 'at last')
  assert.equal(states, [true])
})

for (const [onDuplicate, secondGeneration, winner] of [
  ['newer', 2, 'second'],
  ['newer', 1, 'first'],
  ['newer', 0, 'first'],
  ['refuse', 2, 'first'],
  ['replace', 0, 'second'],
] as const) {
  const claim = `under the rule '${onDuplicate}' generation ${secondGeneration} after 1`
  registration(`S5.2 S5.24 S5.30 ${claim}: the ${winner} one has the id`, async () => {
    const { first, second, relay } = await twoOfOneId(onDuplicate, secondGeneration)
    if (winner === 'second') {
      await until('the second to be registered', () => second.transport.isRegistered)
      await until('the first to be told', () => codes(first).includes('GOSSIP_RELAY_REPLACED'))
    } else {
      await until('the second to be refused', () => codes(second).includes('GOSSIP_RELAY_DUPLICATE'))
      assert.ok(first.transport.isRegistered)
    }
    assert.equal(clientsOf(relay), [['twin', winner === 'first' ? 1 : secondGeneration]])
  })
}

registration('the same session may register anew, whatever the rule', async () => {
  const relay = await world.relay('hub', { onDuplicate: 'refuse' })
  const session = await world.stranger('ann', 'hub')
  const former = await session.open({ relay: 1, register: 'ann', generation: 1 })
  await session.open({ relay: 1, register: 'ann', generation: 1 })
  assert.is(await endOf(former), 'GOSSIP_RELAY_REPLACED')
  assert.equal(clientsOf(relay), [['ann', 1]])
})

registration('a client that was dismissed comes back', async () => {
  const relay = await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  relay.transport.server?.dismiss('ann')
  await until('the client to be told', () => codes(ann).includes('GOSSIP_RELAY_REFUSED'))
  await until('the registration', () => ann.transport.isRegistered)
})

registration('S5.8 S5.18 S5.24 clients are told who is there, in parts, or are not', async () => {
  const relay = await world.relay('hub')
  const ids = Array.from({ length: 300 }, (_, i) => `client ${String(i).padStart(3, '0')}`)
  for (const id of ids) {
    const session = await world.stranger(id, 'hub')
    await session.open({ relay: 1, register: id, generation: 1 })
  }
  const ann = await world.client('ann', 'hub')
  const listed = await ann.transport.listClients()
  assert.equal(
    listed.map(({ id }) => id),
    ['ann', ...ids],
  )
  assert.equal((await relay.transport.listClients()).length, 301)
  await world.relay('silent hub', { listClients: false })
  const ben = await world.client('ben', 'silent hub')
  assert.is(await codeOf(ben.transport.listClients()), 'GOSSIP_RELAY_LIST_REFUSED')
})

registration.run()

/** Two processes of one id, at a relay that they reach over different networks. */
async function twoOfOneId(
  onDuplicate: RelayServerOptions['onDuplicate'],
  secondGeneration: number,
): Promise<{ readonly first: Member; readonly second: Member; readonly relay: Member }> {
  const networks = [new MemoryNetwork(), new MemoryNetwork()] as const
  const carrier = new BridgeTransport(networks.map((network) => network.transport('hub')))
  const relay = await world.member('hub', { carrier, relay: true, server: { onDuplicate } })
  const first = await world.member('twin', { carrier: networks[0].transport(), relay: 'hub', retryDelayMsMax: 60_000 })
  const second = world.unopened('twin', {
    carrier: networks[1].transport(),
    relay: 'hub',
    generation: secondGeneration,
  })
  await second.transport.listen().catch(() => {})
  return { first, second, relay }
}

function clientsOf({ transport }: Member): [string, number][] {
  return (transport.server?.clients() ?? []).map(({ id, generation }) => [id, generation])
}
