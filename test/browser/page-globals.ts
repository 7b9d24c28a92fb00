/** What functions that run in a page find there. Their text is sent to it, so they can use nothing else. */

import type { Gossipmonger } from '../../src/core/index.ts'
import type { Messenger } from '../../src/messaging/browser.ts'
import type { RelayTransport, WebSocketTransport } from '../../src/transports/browser.ts'

/** The exports of the package, as the bundle names them. */
export interface PageExports {
  readonly Gossipmonger: typeof Gossipmonger
  readonly Messenger: typeof Messenger
  readonly RelayTransport: typeof RelayTransport
  readonly WebSocketTransport: typeof WebSocketTransport
}

/** The globals of a page. */
export interface PageGlobals {
  readonly gossip: PageExports
  pageNode: Gossipmonger
  pageMessenger: Messenger
  pageTransport: WebSocketTransport
  pageTransports: WebSocketTransport[]
  /** Tells the other side of what a transport of the page told. */
  tellOutside(at: number, event: string, facts: string): Promise<void>
}
