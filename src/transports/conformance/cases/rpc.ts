/** Payloads outside the gossip, where the transport has them. */

import type { JsonValue } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { difference } from '../difference.ts'
import type { Scene } from '../scene.ts'

/** Cases about rpc. */
export const rpcCases: readonly CaseDefinition[] = [
  { name: 'rpc: payloads arrive unaltered, apart from the gossip', needs: ['rpc'], play: payloads },
  { name: 'rpc: an odd address breaks nothing', needs: ['rpc'], play: oddAddress },
]

async function payloads(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const samples: readonly JsonValue[] = [
    { method: 'get', params: ['雪', null, { deep: [[[1]]] }] },
    ['a', 'list'],
    // It is no digest: the field is one of an object within.
    { call: { digest: [] } },
  ]
  for (const sample of samples) {
    const send = (): void => a.transport.rpc?.(b.ref, sample)
    send()
    const isThere = (): boolean => {
      const foreign = b.rpcs.find((came) => samples.every((each) => difference(each, came, '') !== undefined))
      const found = foreign === undefined ? undefined : difference(sample, foreign, 'the payload')
      if (found !== undefined) scene.fail('Rpc', 'an rpc payload to arrive as it was sent', found)
      return b.rpcs.some((came) => difference(sample, came, '') === undefined)
    }
    const again = scene.fixture.capabilities.lossy ? send : undefined
    await scene.until('Rpc', 'an rpc payload to arrive', isThere, again)
  }
  await scene.fence(a, b)
}

async function oddAddress(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  for (const address of [null, 7, '', {}, []] as const) {
    // The call itself must not throw: whatever is wrong with an address is told.
    await scene.within('Rpc', 'rpc() to an odd address', () => a.transport.rpc?.({ transport: address }, { n: 1 }))
  }
  await scene.fence(a, b)
}
