/** The main thread's side of the example: passes messages between the ports of threads, by address. */

import type { MessagePort } from 'node:worker_threads'

/** What a thread posts to the switchboard. */
export type ToSwitchboard =
  | { readonly type: 'join'; readonly address: string }
  | { readonly type: 'leave' }
  | { readonly type: 'message'; readonly to: string; readonly kind: 'digest' | 'deltas'; readonly text: string }
  | { readonly type: 'taken'; readonly from: string; readonly size: number }

/** What the switchboard posts to a thread. */
export type FromSwitchboard =
  | { readonly type: 'joined'; readonly isFree: boolean }
  | { readonly type: 'message'; readonly from: string; readonly kind: 'digest' | 'deltas'; readonly text: string }
  | { readonly type: 'taken'; readonly by: string; readonly size: number }
  | { readonly type: 'undeliverable'; readonly to: string }
  | { readonly type: 'gone'; readonly address: string }

/** Give each thread one end of a `MessageChannel`, and `connect` the other. */
export class Switchboard {
  readonly #ports = new Map<string, MessagePort>()

  /** Serves a thread until it leaves or ends. */
  connect(port: MessagePort): void {
    let own = ''
    const answer = (message: FromSwitchboard): void => port.postMessage(message)
    port.on('message', (message: ToSwitchboard) => {
      if (message.type === 'join') {
        const isFree = !this.#ports.has(message.address)
        if (isFree) {
          own = message.address
          this.#ports.set(own, port)
        }
        answer({ type: 'joined', isFree })
      } else if (message.type === 'message') {
        const { to, kind, text } = message
        if (!this.#post(to, { type: 'message', from: own, kind, text })) answer({ type: 'undeliverable', to })
      } else if (message.type === 'taken') {
        this.#post(message.from, { type: 'taken', by: own, size: message.size })
      } else {
        this.#remove(own)
        port.close()
      }
    })
    port.on('close', () => this.#remove(own))
  }

  #post(address: string, message: FromSwitchboard): boolean {
    const port = this.#ports.get(address)
    port?.postMessage(message)
    return port !== undefined
  }

  /** Whoever waits for this thread to take something need not wait any longer. */
  #remove(address: string): void {
    if (!this.#ports.delete(address)) return
    for (const port of this.#ports.values()) port.postMessage({ type: 'gone', address } satisfies FromSwitchboard)
  }
}
