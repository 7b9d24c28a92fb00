/** Messages over UDP, which has no sessions: what needs one is refused clearly, and the rest works. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../cluster.ts'
import { withGathering } from './add-cases.ts'
import { udpCarrier } from './carrier.ts'
import { until } from './gathering.ts'

const udp = suite('messaging over udp')

udp('what needs a session is refused at once, by a code that says why', () =>
  withGathering(udpCarrier(), async ({ near, hub }) => {
    const { messenger } = near
    const asked: Record<string, () => Promise<unknown>> = {
      request: () => messenger.request('hub', 'x'),
      send: () => messenger.send('hub', 'x'),
      stream: () => messenger.stream('hub', 'x'),
      channel: () => messenger.channel('hub', 'x'),
      pair: () => messenger.pair('hub'),
      connect: () => messenger.connect('hub', 80),
      'a large datagram with a fallback': () =>
        messenger.datagram('hub', 'x', 'y'.repeat(10_000), { fallback: 'reliable' }),
    }
    for (const [what, ask] of Object.entries(asked)) {
      const failure = await failureOf(ask())
      assert.equal(
        [failure.name, failure.code, failure.peer],
        ['MessagingError', 'GOSSIP_SESSIONS_UNSUPPORTED', 'hub'],
        what,
      )
    }
    const { sent, failed } = await messenger.broadcast('x')
    assert.equal(sent, [])
    assert.equal(
      failed.map(({ peer, error }) => [peer, (error as { readonly code?: string }).code]),
      [
        ['bob', 'GOSSIP_SESSIONS_UNSUPPORTED'],
        ['hub', 'GOSSIP_SESSIONS_UNSUPPORTED'],
      ],
    )
    assert.equal([messenger.clients(), near.errors, hub.errors], [[], [], []])
  }),
)

udp('a request to the own node needs no session', () =>
  withGathering(udpCarrier(), async ({ near: { messenger } }) => {
    messenger.handle('double', (number) => Number(number) * 2)
    assert.is(await messenger.request('ada', 'double', 21), 42)
  }),
)

udp('S3.19 datagrams arrive; one that fits no packet is refused, and so is one to nobody', () =>
  withGathering(udpCarrier(), async ({ near, hub }) => {
    const heard: unknown[] = []
    hub.messenger.handle('beat', (payload, { from, way }) => void heard.push([payload, from, way]))
    await until('one to arrive', () => {
      if (heard.length === 0) near.messenger.datagram('hub', 'beat', { n: 1 }).catch(() => {})
      return heard.length > 0
    })
    assert.equal(heard[0], [{ n: 1 }, 'ada', 'datagram'])
    const large = await failureOf(near.messenger.datagram('hub', 'beat', 'x'.repeat(10_000)))
    assert.is(large.code, 'GOSSIP_FRAME_TOO_LARGE')
    assert.is((await failureOf(near.messenger.datagram('zoe', 'beat'))).code, 'GOSSIP_PEER_UNKNOWN')
  }),
)

udp('S3.16 S3.19 services are gossiped, and one that takes datagrams can be connected to and sent to', () =>
  withGathering(udpCarrier(), async ({ near, hub }) => {
    const heard: unknown[] = []
    hub.messenger.open(9, { name: 'discard', mode: 'unreliable' }, (payload) => void heard.push(payload))
    hub.messenger.open(7, { name: 'echo', mode: 'request' }, (payload) => payload)
    await until('both to be gossiped', () => near.messenger.services({ peer: 'hub' }).length === 2)
    const client = await near.messenger.connect('hub', 9)
    assert.equal([client.name, client.mode], ['discard', 'unreliable'])
    await until('one to arrive', () => {
      if (heard.length === 0) client.send('beat').catch(() => {})
      return heard.length > 0
    })
    assert.is(heard[0], 'beat')
    for (const port of [7, 8]) {
      assert.is((await failureOf(near.messenger.connect('hub', port))).code, 'GOSSIP_SESSIONS_UNSUPPORTED')
    }
  }),
)

udp.run()
