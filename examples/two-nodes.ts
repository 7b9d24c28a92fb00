/** Two nodes on this machine: what one sets, the other sees. The first screen of the README, with types. */

import { Gossipmonger } from 'gossipmonger-engine'
import { TcpTransport } from 'gossipmonger-engine/tcp'

type Services = Record<`services/${string}`, { port: number; weight: number }>

const local = (): TcpTransport => new TcpTransport({ host: '127.0.0.1', port: 0 })

const ada = new Gossipmonger<Services>({ id: 'ada' }, { transport: local() })
await ada.start()
ada.set('services/web', { port: 8080, weight: 3 })

const bob = new Gossipmonger<Services>({ id: 'bob' }, { transport: local(), seeds: [ada.address ?? null] })
await bob.start()

for await (const change of bob.watch({ prefix: 'services/' })) {
  console.log(change)
  if (bob.get('ada', 'services/web') && bob.livePeers().length > 0) break // ada's key is here, and her heart was heard
}
await Promise.all([bob.close({ leave: true }), ada.close({ leave: true })])
