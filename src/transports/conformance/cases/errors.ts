/** Trouble with a peer is told, with a code, the peer and the direction; it is never thrown, and ends nothing. */

import type { JsonValue } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { unreachableAddress } from '../dead-address.ts'
import { outboundErrorProblem } from '../error-rules.ts'
import type { Kind } from '../ledger.ts'
import type { Peer } from '../peer.ts'
import type { Scene } from '../scene.ts'

/** No address of most transports; at any of them a transport may shrug, but not break. */
const ODD_ADDRESSES: readonly JsonValue[] = [
  null,
  true,
  7,
  -1.5,
  '',
  '\u0000',
  ' ',
  '//',
  ':',
  '127.0.0.1:99999999',
  [],
  {},
  { host: '', port: 0 },
  { host: '127.0.0.1', port: 70_000 },
  { host: 'a b', port: 1 },
  { host: null, port: '1' },
  'x'.repeat(1_000),
]

/** Cases about errors. */
export const errorCases: readonly CaseDefinition[] = [
  {
    name: 'errors: an unreachable peer is told of, with a code, the peer and the direction',
    needs: ['reportsUnreachable', 'a dead peer'],
    play: unreachable,
  },
  {
    name: 'errors: a malformed address is told of, with a code, the peer and the direction',
    needs: ['malformed addresses'],
    play: malformed,
  },
  { name: 'errors: no address is odd enough to break anything', needs: [], play: odd },
  { name: 'garbage: bytes that are no message harm nobody', needs: ['a wire'], play: garbage },
]

async function unreachable(scene: Scene): Promise<void> {
  const address = await unreachableAddress(scene)
  const [a, b] = await scene.pair()
  for (const kind of ['digest', 'deltas'] as const) await assertTold(scene, a, address, kind)
  await scene.fence(a, b)
}

async function malformed(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  for (const address of scene.fixture.malformedAddresses) {
    for (const kind of ['digest', 'deltas'] as const) await assertTold(scene, a, address, kind)
  }
  await scene.fence(a, b)
}

async function odd(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  for (const address of ODD_ADDRESSES) {
    scene.sendAway(a, address, scene.mark('to nowhere'))
    scene.sendAway(a, address, scene.mark('to nowhere'), 'deltas')
  }
  await scene.fence(a, b)
  await scene.fence(b, a)
}

/** Sends to an address and waits for the error that names it. */
async function assertTold(scene: Scene, from: Peer, address: JsonValue, kind: Kind): Promise<void> {
  const errors = from.errors.length
  const send = (): void => scene.sendAway(from, address, scene.mark('to nobody'), kind)
  send()
  const expected = `${kind} to ${JSON.stringify(address)} to become an error event`
  const { lossy, duplicates } = scene.fixture.capabilities
  const problemOf = (error: unknown): string | undefined => outboundErrorProblem(error, address)
  // Where messages come late or twice, so may the errors of earlier ones.
  const isTold = (): boolean =>
    lossy || duplicates
      ? from.errors.slice(errors).some((error) => problemOf(error) === undefined)
      : from.errors.length > errors
  await scene.until('Errors', expected, isTold, lossy ? send : undefined)
  const problem = lossy || duplicates ? undefined : problemOf(from.errors.at(-1))
  if (problem !== undefined) scene.fail('Errors', "that error to have the peer and the direction 'outbound'", problem)
}

async function garbage(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  const inject = async (): Promise<void> => {
    for (const bytes of garbageSamples()) {
      await scene.within('Errors', 'injectGarbage() of the fixture', () =>
        scene.fixture.injectGarbage?.(b.address, bytes),
      )
      scene.assertSound()
    }
  }
  await inject()
  let isInjecting = false
  const again = (): void => {
    if (isInjecting || !scene.fixture.capabilities.lossy) return
    isInjecting = true
    void inject().then(
      () => (isInjecting = false),
      (error: unknown) => scene.violate('Errors', 'garbage to be injected', String(error), error),
    )
  }
  const isTold = (): boolean => b.errors.some((error) => (error as { direction?: unknown }).direction === 'inbound')
  await scene.until('Errors', "garbage to become an error event with the direction 'inbound'", isTold, again)
  await scene.until('Errors', 'injectGarbage() of the fixture to resolve', () => !isInjecting)
  await scene.fence(a, b)
  await scene.fence(b, a)
}

/** What strangers and broken peers send. Each ends with a line end, for transports that wait for one. */
function garbageSamples(): Uint8Array[] {
  const encoder = new TextEncoder()
  const noise = Uint8Array.from({ length: 1_000 }, (_, i) => ((i * 2_654_435_761) >>> 7) & 0xff)
  const texts = [
    '',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '{"digest":[',
    '{"digest":[]}',
    '{"digest":[],"sender":7}',
    '{"deltas":[],"sender":{"id":"","transport":null}}',
    '{"digest":[],"sender":{"id":"\\ud800","transport":null}}',
    `{"digest":[],"sender":{"id":"${'x'.repeat(600)}","transport":null}}`,
    'null',
    '['.repeat(500),
    `${'['.repeat(200)}${']'.repeat(200)}`,
    '\u0000'.repeat(100),
  ]
  const withLineEnds = texts.map((text) => encoder.encode(`${text}\r\n`))
  return [...withLineEnds, noise, Uint8Array.of(0xff, 0xfe, 0x7b, 0xc3, 0x28, 0x0d, 0x0a)]
}
