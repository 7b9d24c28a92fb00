/** Plug-ins for tests. */

import * as assert from 'uvu/assert'
import type { Plugin, PluginContext, Session } from '../../src/core/index.ts'
import type { Member } from './cluster.ts'

/** A plug-in with nothing but its context. */
export async function contextOf({ node }: Member, name = 'bare'): Promise<PluginContext> {
  let context: PluginContext | undefined
  await node.use({
    name,
    start: (given) => {
      context = given
    },
  })
  assert.ok(context)
  return context
}

/** A plug-in that notes what it is told. */
export function witness(name: string, notes: unknown[]): Plugin {
  const note = (what: string, session: Session | undefined, error?: Error): void => {
    notes.push([name, what, session?.remote.id, session?.direction, (error as { code?: string } | undefined)?.code])
  }
  return {
    name,
    onConnection: (session) => note('connection', session),
    onOpen: (session) => note('open', session),
    onClose: (session, error) => note('close', session, error),
    onError: (error, session) => note('error', session, error),
  }
}
