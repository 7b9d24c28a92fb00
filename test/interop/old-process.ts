/**
 * A process that is a node of npm `gossipmonger` 0.1.x and nothing else. It is told what to do, and asked what it knows,
 * over the channel to the process that forked it; it ends when that channel does.
 */

import { createRequire } from 'node:module'
import type { JsonValue } from '../../src/core/index.ts'
import type { OldPackageClass, OldPackageNode } from '../harness/old-package.ts'

/** How the node is made: the one argument, as JSON. */
export interface OldProcessSetup {
  readonly id: string
  readonly port: number
  readonly seeds: readonly { readonly id: string; readonly transport: JsonValue }[]
  readonly intervalMs: number
  readonly keys: Readonly<Record<string, JsonValue>>
}

/** What it is told: to write a key, or to say what it knows. */
export type OldProcessOrder = { readonly update: readonly [key: string, value: JsonValue] } | { readonly ask: number }

/** What it knows of one peer. */
export interface OldProcessView {
  readonly isLive: boolean
  /** Whether it has spoken to this node itself: only then is its silence ever noticed. */
  readonly hasSpoken: boolean
  readonly values: Readonly<Record<string, JsonValue>>
}

/** What it says: that it runs, that its port is taken, or what it knows. */
export type OldProcessWord =
  | 'listening'
  | 'port taken'
  | { readonly answer: number; readonly peers: Readonly<Record<string, OldProcessView>>; readonly errors: number }

interface OldTransport {
  listen(callback: () => void): void
  on(event: 'error', listener: (error: { code?: string }) => void): void
}

const fromHere = createRequire(import.meta.url)

function say(word: OldProcessWord): void {
  process.send?.(word)
}

function viewOf({ live, data, lastTime }: OldPackageNode['localPeer']): OldProcessView {
  return {
    isLive: live,
    hasSpoken: lastTime !== undefined,
    values: Object.fromEntries(Object.entries(data).map(([key, [value]]) => [key, value])),
  }
}

function run({ id, port, seeds, intervalMs, keys }: OldProcessSetup): void {
  const OldGossipmonger = fromHere('gossipmonger') as OldPackageClass
  const TcpTransport = fromHere('gossipmonger-tcp-transport') as new (options: unknown) => OldTransport
  const address = { host: '127.0.0.1', port }
  const transport = new TcpTransport(address)
  transport.on('error', ({ code }) => {
    if (code !== 'EADDRINUSE') return
    say('port taken')
    process.disconnect()
  })
  const node = new OldGossipmonger({ id, transport: address }, { transport, seeds, GOSSIP_INTERVAL: intervalMs })
  let errors = 0
  node.on('error', () => errors++)
  for (const [key, value] of Object.entries(keys)) node.update(key, value)
  transport.listen(() => {
    node.gossip()
    say('listening')
  })
  process.on('message', (order: OldProcessOrder) => {
    if ('update' in order) {
      node.update(...order.update)
      return
    }
    const known = [...node.storage.livePeers(), ...node.storage.deadPeers(), node.localPeer]
    say({ answer: order.ask, peers: Object.fromEntries(known.map((peer) => [peer.id, viewOf(peer)])), errors })
  })
}

process.on('disconnect', () => process.exit())
run(JSON.parse(process.argv[2] ?? '{}') as OldProcessSetup)
