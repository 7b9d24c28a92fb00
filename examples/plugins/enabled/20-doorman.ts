/** Notes who comes and goes. A class works as well as an object: its functions are called on its instance. */

import type { Plugin, PluginContext, Session } from 'gossipmonger-engine'

class Doorman implements Plugin {
  readonly name = 'doorman'
  #context: PluginContext | undefined

  start(context: PluginContext): void {
    this.#context = context
  }

  onConnection(session: Session): void {
    this.#context?.log(`${session.remote.id} has come`)
  }

  onClose(session: Session, error: Error | undefined): void {
    this.#context?.log(`${session.remote.id} has gone${error === undefined ? '' : `: ${error.message}`}`)
  }
}

/** What the loader looks for. */
export const plugin: Plugin = new Doorman()
