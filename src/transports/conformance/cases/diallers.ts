/** Transports that only dial, such as a browser's: whoever they wrote to answers on the way they came. */

import type { CaseDefinition } from '../case.ts'
import type { Scene } from '../scene.ts'

/** Cases about diallers. */
export const diallerCases: readonly CaseDefinition[] = [
  { name: 'diallers: they are answered on the way they came', needs: ['diallers'], play: answered },
  { name: 'diallers: several at once are told apart', needs: ['diallers'], play: toldApart },
]

async function answered(scene: Scene): Promise<void> {
  const listener = await scene.peer()
  const dialler = await scene.peer({ role: 'dialler' })
  await scene.fence(dialler, listener)
  for (const kind of ['digest', 'deltas'] as const) {
    await scene.deliver({ from: listener, to: dialler, kind, payload: scene.mark('an answer') })
    await scene.deliver({ from: dialler, to: listener, kind, payload: scene.mark('a question') })
  }
}

async function toldApart(scene: Scene): Promise<void> {
  const listener = await scene.peer()
  const diallers = [await scene.peer({ role: 'dialler' }), await scene.peer({ role: 'dialler' })]
  for (const dialler of diallers) await scene.fence(dialler, listener)
  for (const dialler of [...diallers, ...diallers.reverse()]) {
    await scene.deliver({ from: listener, to: dialler, kind: 'digest', payload: scene.mark(`for ${dialler.id}`) })
  }
}
