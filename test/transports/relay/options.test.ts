import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidOptionError, type Transport } from '../../../src/core/index.ts'
import {
  MemoryNetwork,
  RelayServer,
  type RelayServerOptions,
  RelayTransport,
  type RelayTransportOptions,
} from '../../../src/transports/index.ts'
import { codeOf } from './relay-world.ts'

const options = suite('relay options')

const carrier = (): Transport => new MemoryNetwork().transport()

for (const [option, bad] of [
  ['carrier', { carrier: undefined }],
  ['carrier', { carrier: { ...plainTransport() } }],
  ['options.relays', { relays: 1 }],
  ['relay', { relay: null }],
  ['relay', { relay: '' }],
  ['relay', { relay: 'x'.repeat(600) }],
  ['relay', { relay: { relay: 'hub', id: 'another relay behind it' } }],
  ['server', { relay: 'hub', server: {} }],
  ['token', { token: 7 }],
  ['listens', { listens: 'yes' }],
  ['messageBytesMax', { messageBytesMax: 100 }],
  ['queueBytesMax', { queueBytesMax: 1_048_576 }],
  ['retryDelayMsMax', { retryDelayMs: 100, retryDelayMsMax: 99 }],
  ['onRegistration', { onRegistration: 1 }],
  ['codec', { codec: {} }],
  ['options.session.frames', { session: { frames: 1 } }],
] as const) {
  options(`a transport refuses ${JSON.stringify(bad)}, and names ${option}`, () => {
    const make = (): RelayTransport =>
      new RelayTransport({ carrier: carrier(), ...bad } as unknown as RelayTransportOptions)
    assert.throws(make, (error: unknown) => error instanceof InvalidOptionError && error.option === option)
  })
}

for (const [option, bad] of [
  ['server.tokens', { tokens: [] }],
  ['token', { token: '' }],
  ['authorize', { authorize: true }],
  ['onDuplicate', { onDuplicate: 'older' }],
  ['clientsMax', { clientsMax: 0 }],
  ['listClients', { listClients: 1 }],
  ['queueBytesMax', { queueBytesMax: 1_048_576 }],
] as const) {
  options(`a server refuses ${JSON.stringify(bad)}, and names ${option}`, () => {
    const make = (): RelayServer => new RelayServer(carrier(), bad as unknown as RelayServerOptions)
    assert.throws(make, (error: unknown) => error instanceof InvalidOptionError && error.option === option)
  })
}

options('a secret is never shown in a refusal', () => {
  const make = (): RelayServer => new RelayServer(carrier(), { token: 7 as unknown as string })
  assert.throws(make, (error: Error) => !error.message.includes('7'))
})

options('a transport that was not introduced cannot listen', async () => {
  const transport = new RelayTransport({ carrier: carrier(), relay: 'hub' })
  assert.is(await codeOf(transport.listen()), 'GOSSIP_NODE_NOT_STARTED')
  await transport.close()
})

options.run()

function plainTransport(): Transport {
  return { digest: () => {}, deltas: () => {}, on: () => {}, off: () => {} }
}
