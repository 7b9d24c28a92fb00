/** Opens many connections to one port and keeps them, silent. Run as a process of its own: `node idle-crowd.js PORT N`. */

import { once } from 'node:events'
import { connect } from 'node:net'

const [port, wanted] = process.argv.slice(2).map(Number) as [number, number]

/** As many at once as the listener's backlog takes for certain. */
const WAVE = 100

/** @returns whether it was opened */
async function open(): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  socket.resume()
  return await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)])
}

async function main(): Promise<void> {
  let opened = 0
  for (let left = wanted; left > 0; left -= WAVE) {
    const wave = await Promise.all(Array.from({ length: Math.min(left, WAVE) }, () => open().catch(() => false)))
    opened += wave.filter(Boolean).length
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  process.send?.({ opened })
}

process.on('message', () => process.exit(0))
void main()
