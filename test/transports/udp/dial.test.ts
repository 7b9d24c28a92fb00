import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Dial } from '../../../src/transports/udp/dial.ts'
import { type Endpoint, endpointOf } from '../../../src/transports/udp/endpoint.ts'
import { HandshakeSeal } from '../../../src/transports/udp/handshake-seal.ts'

const dialling = suite('udp: dial')

const [FIRST, SECOND, OTHER] = [1, 2, 3].map((port) => endpointOf('10.0.0.1', port)) as [Endpoint, Endpoint, Endpoint]

interface Sent {
  readonly type: number
  readonly to: number
}

function dialled(): { readonly dial: Dial; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const send = (packet: Buffer, { port }: Endpoint): void => void sent.push({ type: packet[0] as number, to: port })
  const dial = new Dial(undefined, { seal: new HandshakeSeal(undefined), send }, 0)
  dial.askAt([FIRST, SECOND], 0)
  return { dial, sent }
}

function answer(dial: Dial): { readonly body: Buffer; readonly key: undefined } {
  return { body: Buffer.concat([dial.token, randomBytes(8 + 16)]), key: undefined }
}

dialling('all addresses are asked, the first that answers is opened', () => {
  const { dial, sent } = dialled()
  dial.onChallenge(randomBytes(16), SECOND)
  dial.onChallenge(randomBytes(16), FIRST)
  assert.equal(sent, [
    { type: 0xd0, to: 1 },
    { type: 0xd0, to: 2 },
    { type: 0xd2, to: 2 },
  ])
  assert.is(dial.onOpened(answer(dial), FIRST), undefined)
  assert.is(dial.onOpened(answer(dial), SECOND)?.endpoint, SECOND)
})

dialling('nobody can send it where it has not asked', () => {
  const { dial, sent } = dialled()
  dial.onChallenge(randomBytes(16), OTHER)
  dial.poll(10_000)
  assert.not(sent.some(({ to }) => to === OTHER.port))
  assert.is(dial.onOpened(answer(dial), OTHER), undefined)
})

dialling('nothing is opened that was not challenged, or in the wrong form', () => {
  const { dial, sent } = dialled()
  assert.is(dial.onOpened(answer(dial), FIRST), undefined)
  dial.onChallenge(randomBytes(15), FIRST)
  assert.is(sent.length, 2)
  dial.onChallenge(randomBytes(16), FIRST)
  assert.is(dial.onOpened({ body: answer(dial).body.subarray(1), key: undefined }, FIRST), undefined)
})

dialling.run()
