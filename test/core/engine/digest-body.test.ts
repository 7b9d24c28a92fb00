import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AssertionError, type EngineOptions } from '../../../src/core/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'

const bodies = suite('digest-body')

const NODES = 14
const STEP_MS = 700

/** Everything that nodes said and told in a life with loss, crashes, returns, a farewell, leases and deletions. */
function logOf(seed: number, options: EngineOptions, handsBodies: boolean): string[] {
  const life = { deadPeerGracePeriodMs: 40_000, tombstoneGraceMs: 8_000, ...options }
  const cluster = new VirtualCluster(seed, life, { lossChance: 0.1, latencyMs: 40 })
  const chance = seededRandom(seed + 1)
  const log: string[] = []
  cluster.handsBodies = handsBodies
  cluster.onSend = ({ id }, { kind, to, payload }) => log.push(JSON.stringify([cluster.now, id, kind, to, payload]))
  cluster.keepsEvents = (event) => log.push(JSON.stringify([cluster.now, event])) < 0
  for (let i = 0; i < NODES; i++) cluster.add(`p${i}`, ['p0', 'p1'])
  for (let step = 0; step < 110; step++) {
    const id = `p${Math.floor(chance() * NODES)}`
    const node = cluster.node(id)
    const kind = chance()
    if (!node.isUp) cluster.add(id, ['p0', 'p1'])
    else if (kind < 0.5) cluster.set(id, `k${step % 5}`, step)
    else if (kind < 0.7) cluster.delete(id, `k${step % 5}`)
    else if (kind < 0.8) cluster.set(id, 'lease', step, 5_000)
    else if (kind < 0.9) cluster.crash(id)
    else if (kind < 0.92) node.engine.leave(cluster.now)
    cluster.run(STEP_MS)
  }
  return log
}

for (const [what, options] of Object.entries<EngineOptions>({
  'in one page': {},
  'in several pages': { digestBytesMax: 1_024, deltaBytesMax: 4_096, valueBytesMax: 256 },
})) {
  bodies(`a digest handed over as it is does what its JSON does, ${what}`, () => {
    for (const seed of [1, 2]) {
      const handed = logOf(seed, options, true)
      const encoded = logOf(seed, options, false)
      assert.ok(handed.length > 3_000, `${handed.length} lines`)
      assert.is(
        handed.findIndex((line, index) => line !== encoded[index]),
        -1,
        `seed ${seed}`,
      )
      assert.is(handed.length, encoded.length)
    }
  })
}

bodies('a digest is handed over under the id of its sender', () => {
  const cluster = new VirtualCluster(1)
  const [a, b] = [cluster.add('a', ['b']), cluster.add('b', [])]
  a.engine.gossip(0)
  const body = a.engine.takeMessages()[0]?.body
  assert.ok(body !== undefined)
  const handOver = (id: string): void => b.engine.receiveDigestBody({ id, transport: id }, body as never, 0)
  handOver('a')
  assert.throws(
    () => handOver('b'),
    (error: unknown) => error instanceof AssertionError,
  )
})

bodies.run()
