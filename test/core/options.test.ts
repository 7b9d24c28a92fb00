import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, InvalidOptionError, MissingTransportError } from '../../src/core/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'

const transport = new MemoryNetwork().transport()

/** Option, a value that breaks its rule. */
const BAD: readonly (readonly [string, unknown])[] = [
  ['clusterId', ''],
  ['clusterId', 7],
  ['gossipIntervalMs', 0],
  ['gossipIntervalMs', '1000'],
  ['gossipIntervalMs', Number.NaN],
  ['gossipJitter', 0.6],
  ['gossipJitter', Number.POSITIVE_INFINITY],
  ['fanout', 0],
  ['fanout', 65],
  ['fanout', 1.5],
  ['minimumLivePeers', -1],
  ['seeds', 'localhost:1'],
  ['deadPeerPhi', 0],
  ['phiModel', 'gamma'],
  ['samplingWindowSize', 0],
  ['initialIntervalMs', -5],
  ['maxIntervalMs', 10],
  ['deadPeerGracePeriodMs', 0],
  ['tombstoneGraceMs', null],
  ['valueBytesMax', 0],
  ['mapBytesMax', 10],
  ['deltaBytesMax', 1],
  ['deltasMax', 0],
  ['digestBytesMax', {}],
  ['order', 'newest'],
  ['peersMax', 0],
  ['removalsMax', true],
  ['acceptOldPeers', 'yes'],
  ['leaveTimeoutMs', -1],
  ['storage', {}],
  ['storage', '/var/lib/node'],
  ['storedPeersMax', 1_025],
  ['system', {}],
  ['transport', {}],
]

const options = suite('options')

options('S2.20 S2.21 a bad option throws at construction, naming option, rule and value', () => {
  for (const [name, value] of BAD) {
    const make = (): unknown => new Gossipmonger({ id: 'a' }, { transport, [name]: value } as never)
    const error = thrownBy(make)
    assert.instance(error, InvalidOptionError, `${name} ${String(value)}`)
    assert.is((error as InvalidOptionError).code, 'GOSSIP_OPTION_INVALID')
    assert.is((error as InvalidOptionError).option, name)
    assert.match((error as Error).message, new RegExp(`^${name} must be .+, got `))
  }
})

options('S2.21 an unknown option is refused, with the names there are', () => {
  const error = thrownBy(() => new Gossipmonger({ id: 'a' }, { transport, fanOut: 3 } as never))
  assert.instance(error, InvalidOptionError)
  assert.match((error as Error).message, /options\.fanOut must be one of .*fanout/)
})

options('an id that cannot name a peer is refused', () => {
  for (const id of ['', 7, undefined, 'x'.repeat(257), '\ud800']) {
    const error = thrownBy(() => new Gossipmonger({ id } as never, { transport }))
    assert.instance(error, InvalidOptionError, String(id))
    assert.is((error as InvalidOptionError).option, 'peer.id')
  }
})

options('a seed without an address is refused by its place', () => {
  const error = thrownBy(
    () => new Gossipmonger({ id: 'a' }, { transport, seeds: ['ok', { transport: null }] as never }),
  )
  assert.is((error as InvalidOptionError).option, 'seeds[1]')
})

options('two options that contradict each other are named together', () => {
  const limits = { valueBytesMax: 9_000, deltaBytesMax: 10_000 }
  const nothing = (): void => {}
  const withoutBulk = { digest: nothing, deltas: nothing, on: nothing, off: nothing }
  const error = thrownBy(() => new Gossipmonger({ id: 'a' }, { transport: withoutBulk, ...limits }))
  assert.match((error as Error).message, /valueBytesMax must be at most deltaBytesMax \(10000\)/)
  assert.not.throws(() => new Gossipmonger({ id: 'a' }, { transport, ...limits }), 'in bulk it can travel')
})

options('values that the storage could not keep are refused by both limits', () => {
  const never = (): Promise<never> => Promise.reject(new Error('not called'))
  const storage = { valueBytesMax: 1_000, open: never, append: never, close: never }
  const error = thrownBy(() => new Gossipmonger({ id: 'a' }, { transport, storage }))
  assert.match((error as Error).message, /^valueBytesMax must be at most 1000, .*, got 65536$/)
  assert.not.throws(() => new Gossipmonger({ id: 'a' }, { transport, storage, valueBytesMax: 1_000 }))
})

options('no transport is an error that says where one is to be had', () => {
  const error = thrownBy(() => new Gossipmonger({ id: 'a' }, {} as never))
  assert.instance(error, MissingTransportError)
  assert.match((error as Error).message, /gossipmonger-engine\/tcp/)
})

options('the edges of ranges are accepted', () => {
  new Gossipmonger(
    { id: 'x'.repeat(256) },
    { transport, fanout: 64, gossipJitter: 0, gossipIntervalMs: 1, maxIntervalMs: 1 },
  )
})

options.run()

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}
