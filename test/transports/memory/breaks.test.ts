/** What a test can do to the sessions of a memory network: break them, end one side, hold back what is under way. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Session } from '../../../src/core/index.ts'
import { MemoryNetwork, type MemoryWay } from '../../../src/transports/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'

const breaks = suite('memory: breaks')

/** Ann has a session with ben. Whatever goes where `isCut` says waits until `mend`. */
class Stage {
  readonly system: VirtualSystem = new VirtualSystem()
  readonly told: string[] = []
  isCut: (way: MemoryWay) => boolean = () => false
  #held: (() => void)[] = []
  readonly network: MemoryNetwork = new MemoryNetwork({
    system: this.system,
    session: { keepAliveMs: 1_000, silenceTimeoutMs: 3_000 },
    schedule: (deliver, way) => {
      if (way === undefined) queueMicrotask(deliver)
      else if (this.isCut(way)) this.#held.push(deliver)
      else this.system.startTimer(deliver, 10)
    },
  })

  mend(): void {
    this.isCut = () => false
    for (const deliver of this.#held.splice(0)) deliver()
  }

  async open(): Promise<{ readonly ann: Session; readonly ben: Session }> {
    const [a, b] = ['ann', 'ben'].map((id) => {
      const transport = this.network.transport(id)
      transport.introduce({ protocolVersion: 1, clusterId: 'c', id, generation: 1, features: [], valueBytesMax: 1_000 })
      return transport
    })
    await a?.listen()
    await b?.listen()
    let ben: Session | undefined
    b?.on('session', (session) => {
      ben = session
      this.#follow('ben', session)
    })
    const connecting = a?.connect({ id: 'ben', transport: 'ben' })
    await this.system.run(100)
    const ann = await connecting
    if (ann === undefined || ben === undefined) throw new Error('there is no session')
    this.#follow('ann', ann)
    return { ann, ben }
  }

  #follow(name: string, session: Session): void {
    session.on('close', (error) => this.told.push(`${name} lost it: ${error?.code}`))
    session.on('frame', (frame) => this.told.push(`${name} heard ${frame.join()}`))
  }
}

breaks('a session that breaks is over at both ends at once, and there can be another', async () => {
  const stage = new Stage()
  const { ann } = await stage.open()
  ann.send(Uint8Array.of(1))
  assert.is(stage.network.breakSessions('ben', 'ann'), 1)
  await stage.system.run(0)
  assert.equal(stage.told.sort(), ['ann lost it: GOSSIP_SESSION_LOST', 'ben lost it: GOSSIP_SESSION_LOST'])
  assert.is(stage.network.breakSessions('ann', 'ben'), 0)
  await stage.system.run(1_000)
  assert.is(stage.told.length, 2, 'what was under way is lost')
})

breaks('bytes wait where a way is cut, and arrive in order when it is open again', async () => {
  const stage = new Stage()
  const { ann } = await stage.open()
  stage.isCut = ({ from }) => from === 'ann'
  for (const byte of [1, 2, 3]) {
    ann.send(Uint8Array.of(byte))
    await stage.system.run(100)
  }
  assert.equal(stage.told, [])
  stage.mend()
  await stage.system.run(100)
  assert.equal(stage.told, ['ben heard 1', 'ben heard 2', 'ben heard 3'])
})

breaks('a cut that lasts is felt as a loss, in virtual time', async () => {
  const stage = new Stage()
  await stage.open()
  stage.isCut = () => true
  await stage.system.run(2_500)
  assert.equal(stage.told, [])
  await stage.system.run(3_500)
  assert.equal(stage.told.sort(), ['ann lost it: GOSSIP_SESSION_LOST', 'ben lost it: GOSSIP_SESSION_LOST'])
})

breaks('a process that ends says nothing more, and its peers are told', async () => {
  const stage = new Stage()
  const { ben } = await stage.open()
  ben.send(Uint8Array.of(1))
  stage.network.crash('ben')
  await stage.system.run(100)
  assert.ok(stage.told.includes('ann lost it: GOSSIP_SESSION_LOST'), stage.told.join())
  assert.not.ok(stage.told.some((line) => line.includes('heard')))
})

breaks('of a machine that lost power nothing is heard, until its silence is noticed', async () => {
  const stage = new Stage()
  await stage.open()
  stage.network.crash('ben', true)
  await stage.system.run(2_500)
  assert.not.ok(stage.told.some((line) => line.startsWith('ann')))
  await stage.system.run(3_500)
  assert.ok(stage.told.includes('ann lost it: GOSSIP_SESSION_LOST'), stage.told.join())
})

breaks('what a crashed one was about to dial is not dialled', async () => {
  const stage = new Stage()
  await stage.open()
  const carl = stage.network.transport('carl')
  carl.introduce({ protocolVersion: 1, clusterId: 'c', id: 'carl', generation: 1, features: [], valueBytesMax: 1_000 })
  await carl.listen()
  const dialled = carl.connect({ transport: 'ann' }).then(
    () => 'connected',
    (error: { readonly code: string }) => error.code,
  )
  stage.network.crash('carl')
  await stage.system.run(100)
  assert.is(await dialled, 'GOSSIP_NODE_CLOSED')
})

breaks.run()
