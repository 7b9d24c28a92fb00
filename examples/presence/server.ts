/**
 * Who is here: a page whose tabs are nodes, and see each other come, type, go and die. This server gives them the page and
 * is one more node, the one that all of them dial.
 *
 *     node presence/server.js [port]        then open the address it prints in two tabs
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Gossipmonger } from 'gossipmonger-engine'
import { WebSocketTransport } from 'gossipmonger-engine/transports'
import { CLUSTER, GOSSIP_PATH, type Keys, SERVER_ID } from './cluster.ts'
import { MARKUP } from './markup.ts'

// The page stands beside this file, compiled as this file is or not. esbuild takes the parts that are for browsers.
const page = fileURLToPath(import.meta.url).replace(/server(?=\.[jt]s$)/, 'page')
const bundle = await build({ entryPoints: [page], bundle: true, minify: true, format: 'esm', write: false })
const script = bundle.outputFiles[0]?.text ?? ''

const server = createServer((request, response) => {
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
  response.end(isScript ? script : MARKUP)
})
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// Without `origins` any page that a user visits could join.
const transport = new WebSocketTransport({ server, path: GOSSIP_PATH, origins: [origin] })
const node = new Gossipmonger<Keys>({ id: SERVER_ID }, { transport, ...CLUSTER })
const nameOf = (id: string): string => node.get(id, 'name') ?? 'somebody'
node.on('update', (id, key) => key === 'name' && console.log(`${nameOf(id)} is here`))
node.on('peer left', ({ id }) => console.log(`${nameOf(id)} has left`))
node.on('peer dead', ({ id }) => console.log(`${nameOf(id)} is gone without a word`))
await node.start()
console.log(`open ${origin}/#Ada and ${origin}/#Bob, each in a tab`)

await once(process, 'SIGINT')
await node.close({ leave: true })
server.closeAllConnections()
server.close()
