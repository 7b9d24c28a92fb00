/** What runs in a tab: a node that says its name and what is being typed, and shows what it knows of the others. */

import { Gossipmonger } from 'gossipmonger-engine'
import { WebSocketTransport } from 'gossipmonger-engine/transports'
import type { BrowserGlobals, PageElement } from './browser.ts'
import { CLUSTER, GOSSIP_PATH, type Keys, SERVER_ID, TYPING_MS } from './cluster.ts'

const browser = globalThis as unknown as BrowserGlobals
const { document, location } = browser

const url = `${location.protocol.replace('http', 'ws')}//${location.host}${GOSSIP_PATH}`
const node = new Gossipmonger<Keys>(
  { id: crypto.randomUUID() },
  { transport: new WebSocketTransport(), seeds: [{ transport: { url } }], ...CLUSTER },
)
node.set('name', decodeURIComponent(location.hash.slice(1)) || `Tab ${node.id.slice(0, 4)}`)

/** One line. What others say is text, never markup. */
function line(id: string, facts: { readonly kind: string; readonly doubt: number }): PageElement {
  const [item, name, typing] = ['li', 'b', 'i'].map((tag) => document.createElement(tag)) as [
    PageElement,
    PageElement,
    PageElement,
  ]
  name.textContent = node.get(id, 'name') ?? '…'
  typing.textContent = node.get(id, 'typing') ?? ''
  item.className = facts.kind
  // The longer nothing is heard of a tab, the fainter it is, up to the moment when it counts as dead.
  item.style.opacity = String(1 - 0.7 * Math.min(1, facts.doubt))
  item.title = `suspicion: ${Math.round(100 * facts.doubt)} % of what convicts`
  item.append(name, typing)
  return item
}

function show(): void {
  const others = node.peers().filter(({ id, status }) => id !== SERVER_ID && status !== 'left')
  const lines = others.map(({ id, status }) => {
    const { phi = 0, deadPeerPhi = 1 } = node.explain(id) ?? {}
    return line(id, { kind: status, doubt: status === 'dead' ? 1 : phi / deadPeerPhi })
  })
  document.getElementById('here').replaceChildren(line(node.id, { kind: 'self', doubt: 0 }), ...lines)
  document.title = `${others.filter(({ status }) => status === 'live').length + 1} here`
}

const input = document.getElementById('says')
input.addEventListener('input', () => {
  if (input.value === '') node.delete('typing')
  else node.set('typing', input.value.slice(0, 200), { ttlMs: TYPING_MS })
  show()
})

// A goodbye, so that the others need not wait until they suspect it; a page that comes back from the cache begins anew.
browser.addEventListener('pagehide', () => void node.close({ leave: true }))
browser.addEventListener('pageshow', ({ persisted }) => persisted && location.reload())

await node.start()
for (const event of ['new peer', 'peer live', 'peer dead', 'peer left', 'update', 'delete'] as const)
  node.on(event, show)
setInterval(show, 250)
show()
